import type { Op } from '../../../shared/ops/define.ts';
import type { ArtifactAdded, RecordSigned } from '../../../shared/ops/evidence.ts';
import type { Database } from '../storage/database.ts';
import type { Projectors, SiteProjection } from '../storage/store.ts';

export const evidenceProjectors: Projectors = {
  'artifact.added': (db: Database, op: Op<string, ArtifactAdded>) => {
    const { hashedByUnit, ...body } = op.body;
    db.prepare(
      `INSERT INTO artifacts VALUES (:id, :caseId, :runId, :kind, :name, :mime, :size, :sha256, :lineBreaks,
       :hashedByUnit, :root, :storedBytes, :at, :by, :stationId)`,
    ).run({
      ...body,
      stationId: op.stationId,
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

export const evidenceProjection: SiteProjection = {
  tables: ['artifacts', 'records'],
  forget(db, ids) {
    const list = JSON.stringify(ids);
    db.prepare('DELETE FROM artifacts WHERE case_id IN (SELECT value FROM json_each(?))').run(list);
    db.prepare('DELETE FROM records WHERE case_id IN (SELECT value FROM json_each(?))').run(list);
  },
  projectors: evidenceProjectors,
};
