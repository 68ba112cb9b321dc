import { createHash } from 'node:crypto';
import { BenchError } from '../../../shared/errors/index.ts';
import type { RecordSummary, VerifyReport } from '../../../shared/model/evidence.ts';
import { statementProblems, WIPE_RECORD_TYPE, WipeStatement } from '../../../shared/model/records.ts';
import type { RecordSigned } from '../../../shared/ops/evidence.ts';
import type { Actor, Store } from '../storage/store.ts';
import { type KeyLookup, type Signer, seal, unseal } from './dsse.ts';
import { recordQueries, type StoredRecord } from './queries.ts';

export interface RecordsOptions {
  readonly store: Store;
  /** Asked for each record: the bench may change its key. */
  readonly signer: () => Signer;
  /** Public keys of this bench, past ones too. */
  readonly keys: KeyLookup;
  /** The content's hash of an artifact as the log has it. */
  readonly artifactSha256: (id: string) => string | null;
}

/** Signed statements about wipes: exact bytes in an envelope, kept in the log. */
export function createRecords({ store, signer, keys, artifactSha256 }: RecordsOptions) {
  const queries = recordQueries(store.db);

  const find = (id: string): StoredRecord => {
    const record = queries.find(id);
    if (!record) throw new BenchError('input.not-found', { what: 'record', id });
    return record;
  };

  return {
    /**
     * Signs a statement and commits it. `recordId` must be new.
     * Throws `record.untruthful` when the statement claims more than it proves, `input.invalid`.
     */
    sign(statement: WipeStatement, actor: Actor): RecordSummary {
      const parsed = WipeStatement.safeParse(statement);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const detail = `wipe statement: ${issue?.path.join('.')}: ${issue?.message}`;
        throw new BenchError('input.invalid', { detail });
      }
      const { recordId: id, runId, verdict, case: subject } = parsed.data;
      const problems = statementProblems(parsed.data);
      if (problems.length > 0) {
        throw new BenchError('record.untruthful', { verdict, problems: problems.join('; ') });
      }
      const by = signer();
      const envelope = seal(WIPE_RECORD_TYPE, Buffer.from(JSON.stringify(parsed.data), 'utf8'), by);
      const sha256 = hashOf(envelope);
      const { keyId } = by;
      const body: RecordSigned = { id, caseId: subject.id, runId, verdict, keyId, sha256, envelope };
      store.append(actor, [{ kind: 'record.signed', entityId: id, caseId: subject.id, body }]);
      return find(id).summary;
    },

    get: find,
    list: (caseId: string): RecordSummary[] => queries.ofCase(caseId),
    idOfRun: (runId: string): string | null => queries.idOfRun(runId),
    /** Runs of these cases whose record says `verified`, each with its case. */
    verifiedRuns: queries.verifiedRuns,

    /** Checks envelope, signature, truthfulness, and that the artifacts it names are those in the log. */
    verify(id: string): VerifyReport {
      const { summary, envelope } = find(id);
      const findings: VerifyReport['findings'] = [];
      const found = (where: string, code: string, detail: string) => findings.push({ where, code, detail });
      if (hashOf(envelope) !== summary.sha256) {
        found('the envelope', 'record.hash', 'its hash is not the one that the log recorded');
      }
      const opened = unseal(envelope, WIPE_RECORD_TYPE, keys);
      if (opened.ok) {
        if (opened.keyId !== summary.keyId) {
          found('the envelope', 'record.key', 'another key signed it than the log recorded');
        }
        checkStatement(opened.payload.toString('utf8'), summary, artifactSha256, found);
      } else {
        found('the envelope', `record.${opened.reason}`, opened.detail);
      }
      const ok = findings.length === 0;
      const detail = ok
        ? `The record is as it was signed by key ${summary.keyId}; its verdict is “${summary.verdict}”.`
        : `The record cannot be relied on: ${findings[0]?.where}: ${findings[0]?.detail}.`;
      return { ok, what: 'record', checked: 1, summary: detail, findings };
    },
  };
}

function checkStatement(
  payload: string,
  summary: RecordSummary,
  artifactSha256: (id: string) => string | null,
  found: (where: string, code: string, detail: string) => void,
): void {
  const parsed = WipeStatement.safeParse(parseJson(payload));
  if (!parsed.success) {
    found('the statement', 'record.schema', 'it is signed, but it is no wipe statement of a known form');
    return;
  }
  const statement = parsed.data;
  for (const problem of statementProblems(statement)) found('the statement', 'record.untruthful', problem);
  const claims: [string, string, string][] = [
    ['record id', statement.recordId, summary.id],
    ['case', statement.case.id, summary.caseId],
    ['run', statement.runId, summary.runId],
    ['verdict', statement.verdict, summary.verdict],
  ];
  for (const [what, signed, listed] of claims) {
    if (signed === listed) continue;
    found('the statement', 'record.differs', `its ${what} is ${signed}, the list says ${listed}`);
  }
  for (const { id, sha256 } of statement.artifacts) {
    const logged = artifactSha256(id);
    if (logged === sha256) continue;
    const detail = logged === null ? 'the log does not have it' : 'the log has another hash for it';
    found(`artifact ${id}`, 'record.artifact', detail);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const hashOf = (envelope: string): string => createHash('sha256').update(envelope, 'utf8').digest('hex');
