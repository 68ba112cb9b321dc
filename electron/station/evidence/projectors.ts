import type { Op } from '../../../shared/ops/define.ts';
import type { ArtifactAdded, RecordSigned } from '../../../shared/ops/evidence.ts';
import type { Database } from '../storage/database.ts';
import type { Projection, Projectors } from '../storage/store.ts';

export const evidenceProjectors: Projectors = {
  'artifact.added': (db: Database, op: Op<string, ArtifactAdded>) => {
    const { hashedByUnit, ...body } = op.body;
    db.prepare(
      `INSERT INTO artifacts VALUES (:id, :caseId, :runId, :kind, :name, :mime, :size, :sha256, :lineBreaks,
       :hashedByUnit, :root, :storedBytes, :at, :by)`,
    ).run({
      ...body,
      hashedByUnit: hashedByUnit === null ? null : Number(hashedByUnit),
      at: op.at,
      by: op.actorName,
    });
  },
  'record.signed': (db: Database, op: Op<string, RecordSigned>) => {
    db.prepare(
      'INSERT INTO records VALUES (:id, :caseId, :runId, :verdict, :keyId, :sha256, :envelope, :at, :by)',
    ).run({ ...op.body, at: op.at, by: op.actorName });
  },
};

export const evidenceProjection: Projection = {
  tables: ['artifacts', 'records'],
  projectors: evidenceProjectors,
};
