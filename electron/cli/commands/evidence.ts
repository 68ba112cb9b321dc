import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { RANGE_LIMIT } from '../../../shared/contract/station.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { VerifyReport } from '../../../shared/model/evidence.ts';
import type { Context } from '../context.ts';
import type { Result } from '../output.ts';

/** Writes an artifact's content to a new file and checks it against the recorded hash. */
export async function artifactGet({ client }: Context, id: string, out: string): Promise<Result> {
  const artifact = await client.artifacts.get({ id });
  const file = await open(out, 'wx').catch((cause: NodeJS.ErrnoException) => {
    const detail = cause.code === 'EEXIST' ? 'it exists already' : `it cannot be written (${cause.code})`;
    throw new BenchError('input.file', { path: out, detail }, { cause });
  });
  const hash = createHash('sha256');
  try {
    for (let offset = 0, eof = artifact.size === 0; !eof; ) {
      const piece = await client.artifacts.read({ id, offset, length: RANGE_LIMIT });
      const bytes = new Uint8Array(await piece.bytes.arrayBuffer());
      hash.update(bytes);
      await file.write(bytes);
      offset += bytes.length;
      eof = piece.eof;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const sha256 = hash.digest('hex');
  const ok = sha256 === artifact.sha256;
  return {
    document: { artifact, out, sha256, ok },
    text: ok
      ? `${out}: ${artifact.size} bytes, SHA-256 ${sha256} as recorded`
      : `${out}: SHA-256 ${sha256} is NOT what was recorded (${artifact.sha256})`,
    exitCode: ok ? 0 : 1,
  };
}

export async function artifactSearch(
  { client }: Context,
  id: string,
  query: string,
  options: { regex?: boolean; case?: boolean; limit?: string },
): Promise<Result> {
  const found = await client.artifacts.search({
    id,
    query,
    regex: options.regex ?? false,
    caseSensitive: options.case ?? false,
    limit: options.limit === undefined ? 200 : Number(options.limit),
  });
  const text = found.hits.map((hit) => `${hit.line}: ${hit.text}`).join('\n') || 'Nothing found.';
  return { document: found, text, exitCode: found.hits.length > 0 ? 0 : 1 };
}

const reportResult = (report: VerifyReport): Result => ({
  document: report,
  text: [report.summary, ...report.findings.map((f) => `  ${f.where}: ${f.detail} [${f.code}]`)].join('\n'),
  exitCode: report.ok ? 0 : 1,
});

export async function verify({ client }: Context, what: string, id: string | undefined): Promise<Result> {
  if (what === 'log') return reportResult(await client.verify.log());
  if (what !== 'artifact' && what !== 'record') {
    throw new BenchError('input.invalid', { detail: 'Verify “log”, “artifact ID” or “record ID”.' });
  }
  if (!id) throw new BenchError('input.invalid', { detail: `Name the ${what}’s id.` });
  return reportResult(await client.verify[what]({ id }));
}

export async function recordGet({ client }: Context, id: string, out: string | undefined): Promise<Result> {
  const record = await client.records.get({ id });
  if (out) {
    const file = await open(out, 'wx').catch((cause: unknown) => {
      throw new BenchError('input.file', { path: out, detail: 'it cannot be written' }, { cause });
    });
    await file.writeFile(record.envelope);
    await file.close();
  }
  return { document: record, text: out ? `${out}: ${record.summary.verdict}` : record.envelope };
}
