import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ed25519Signer, keysById, seal, unseal } from '../../electron/station/evidence/dsse.ts';
import { createRecords } from '../../electron/station/evidence/records.ts';
import { verifyLog } from '../../electron/station/storage/verify-log.ts';
import { WIPE_RECORD_TYPE, type WipeStatement } from '../../shared/model/records.ts';
import { emptyIdentity } from '../../shared/model/units.ts';
import { evidenceOps } from '../../shared/ops/evidence.ts';
import { ADA, CASE, testEvidence } from '../support/evidence.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const RUN = '01890000-0000-7000-8000-00000000000b';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

let evidence: ReturnType<typeof testEvidence>;
let records: ReturnType<typeof createRecords>;
const open = () =>
  createRecords({
    store: evidence.bench.store,
    signer: () => ed25519Signer(privateKey),
    keys: keysById(publicKey),
    artifactSha256: evidence.artifacts.sha256Of,
  });
beforeEach(() => {
  evidence = testEvidence();
  records = open();
});
afterEach(() => evidence.dispose());

function statement(change: Partial<WipeStatement> = {}): WipeStatement {
  return {
    schema: 1,
    recordId: evidence.bench.store.clock.id(),
    runId: RUN,
    case: { id: CASE, number: 'B1-7' },
    mode: 'training',
    unit: {
      id: null,
      identity: { ...emptyIdentity(), serial: 'S1', maker: 'Ünï “quoted” \u2028' },
      readAt: '2026-01-01T10:00:00.000Z',
    },
    label: null,
    expected: { serial: 'S1', imei1: null, imei2: null, meid: null, model: null },
    matchedBy: ['serial'],
    method: { name: 'One pass of zeros', technique: 'overwrite', category: 'Clear', encryptionProven: false },
    target: { id: '/dev/mmcblk0', title: 'eMMC', kind: 'disk', bytes: 4096, model: null, serial: null },
    bytesOverwritten: 4096,
    bytesReadBack: 4096,
    pastCache: true,
    verification: { method: 'read-back', result: 'passed', computedBy: 'unit', detail: 'all zeros' },
    verdict: 'verified',
    reasons: [],
    procedure: { id: 'console-wipe', version: 1, hash: '0'.repeat(64) },
    program: { name: 'repairbench', version: '0.1.0' },
    station: { id: 'b1', name: 'Bench 1' },
    operator: ADA,
    consent: { by: 'The customer', ref: 'mail' },
    startedAt: '2026-01-01T10:00:01.000Z',
    endedAt: '2026-01-01T10:05:00.000Z',
    artifacts: [],
    ...change,
  };
}

describe('a record', () => {
  it('is signed, listed, kept byte for byte, and verifies', async () => {
    const id = await evidence.add(Buffer.from('read back: zeros'));
    const signed = statement({ artifacts: [{ id, sha256: evidence.artifacts.get(id).sha256 }] });
    const summary = records.sign(signed, ADA);
    expect(summary).toMatchObject({
      id: signed.recordId,
      caseId: CASE,
      runId: RUN,
      verdict: 'verified',
      by: 'Ada',
    });
    expect(records.list(CASE)).toEqual([summary]);
    expect(records.idOfRun(RUN)).toBe(summary.id);

    await evidence.restart();
    records = open();
    const { envelope } = records.get(summary.id);
    const opened = unseal(envelope, WIPE_RECORD_TYPE, keysById(publicKey));
    expect(opened).toMatchObject({ ok: true, keyId: summary.keyId });
    if (opened.ok) expect(JSON.parse(opened.payload.toString())).toEqual(signed);
    expect(records.verify(summary.id)).toMatchObject({ ok: true, what: 'record', findings: [] });
    expect((await verifyLog(evidence.bench.db)).ok).toBe(true);
    const ops = evidence.bench.store.byCase(CASE);
    expect(evidenceOps['record.signed'].describe(ops.at(-1)?.body as never)).toBe(
      'Signed record: wipe verified',
    );
    evidence.bench.store.rebuild();
    expect(records.get(summary.id)).toEqual({ summary, envelope });
  });

  it('that claims more than it proves is not signed', () => {
    const verification = { method: 'none', result: 'not-done', computedBy: null, detail: '' } as const;
    expect(() => records.sign(statement({ verification }), ADA)).toThrow(code('record.untruthful'));
    expect(records.list(CASE)).toEqual([]);
    const method = { ...statement().method, category: null };
    const honest = statement({
      verification,
      method,
      verdict: 'unverified',
      reasons: ['Nothing proves it.'],
    });
    expect(records.sign(honest, ADA).verdict).toBe('unverified');
  });

  it('that is no statement is not signed', () => {
    expect(() => records.sign({ ...statement(), runId: 'x' }, ADA)).toThrow(code('input.invalid'));
    const twice = statement();
    records.sign(twice, ADA);
    expect(() => records.sign(twice, ADA)).toThrow();
    expect(records.list(CASE)).toHaveLength(1);
  });

  it('that nobody knows is not found', () => {
    expect(() => records.get('x')).toThrow(code('input.not-found'));
    expect(() => records.verify('x')).toThrow(code('input.not-found'));
  });
});

describe('verifying a record tells', () => {
  const set = (column: string, value: string) =>
    evidence.bench.db.prepare(`UPDATE records SET ${column} = ?`).run(value);
  const codes = (id: string) => records.verify(id).findings.map((finding) => finding.code);

  it('a changed envelope', () => {
    const { id } = records.sign(statement(), ADA);
    const envelope = JSON.parse(records.get(id).envelope);
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('eMMC', 'eMMD');
    set('envelope', JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }));
    expect(codes(id)).toEqual(['record.hash', 'record.bad-signature']);
    expect(records.verify(id).ok).toBe(false);
    set('envelope', 'rubbish');
    expect(codes(id)).toEqual(['record.hash', 'record.malformed']);
  });

  it('another key', () => {
    const { id } = records.sign(statement(), ADA);
    const foreign = ed25519Signer(generateKeyPairSync('ed25519').privateKey);
    set('envelope', seal(WIPE_RECORD_TYPE, Buffer.from('{}'), foreign));
    expect(codes(id)).toEqual(['record.hash', 'record.unknown-key']);
  });

  it('a summary that says more than was signed', () => {
    const { id } = records.sign(statement(), ADA);
    set('verdict', 'failed');
    set('run_id', CASE);
    expect(codes(id)).toEqual(['record.differs', 'record.differs']);
    set('key_id', '0'.repeat(32));
    expect(codes(id)).toContain('record.key');
  });

  it('a signed text that is no truthful statement', () => {
    const { id } = records.sign(statement(), ADA);
    const signer = ed25519Signer(privateKey);
    set('envelope', seal(WIPE_RECORD_TYPE, Buffer.from('{"schema":2}'), signer));
    expect(codes(id)).toEqual(['record.hash', 'record.schema']);
    set('envelope', seal(WIPE_RECORD_TYPE, Buffer.from('not JSON'), signer));
    expect(codes(id)).toEqual(['record.hash', 'record.schema']);
    const lie = { ...statement({ pastCache: false }), recordId: id };
    set('envelope', seal(WIPE_RECORD_TYPE, Buffer.from(JSON.stringify(lie)), signer));
    expect(codes(id)).toEqual(['record.hash', 'record.untruthful']);
  });

  it('artifacts that are not those in the log', async () => {
    const id = await evidence.add(Buffer.from('x'));
    const unknown = evidence.bench.store.clock.id();
    const artifacts = [
      { id, sha256: '0'.repeat(64) },
      { id: unknown, sha256: '0'.repeat(64) },
    ];
    const signed = records.sign(statement({ artifacts }), ADA);
    expect(records.verify(signed.id).findings).toMatchObject([
      { where: `artifact ${id}`, code: 'record.artifact', detail: 'the log has another hash for it' },
      { where: `artifact ${unknown}`, code: 'record.artifact', detail: 'the log does not have it' },
    ]);
  });
});
