import type { Artifact, ArtifactKind, RecordSummary, WipeVerdict } from '../../../shared/model/evidence.ts';
import type { Database } from '../storage/database.ts';
import type { Stored } from './format/layout.ts';

interface ArtifactRow {
  id: string;
  case_id: string;
  run_id: string | null;
  kind: ArtifactKind;
  name: string;
  mime: string;
  size: number;
  sha256: string;
  line_breaks: number;
  hashed_by_unit: 0 | 1 | null;
  root: string;
  stored_bytes: number;
  added_at: string;
  added_by: string;
  station_id: string;
  /** Of the copy that was fetched from the hub; null where there is none. */
  copy_root: string | null;
  copy_bytes: number | null;
}

/** An artifact with what its stored file must be. */
export interface StoredArtifact {
  readonly artifact: Artifact;
  readonly stored: Stored;
  readonly packs: boolean;
}

const ARTIFACTS = `SELECT artifacts.*, copies.root AS copy_root, copies.stored_bytes AS copy_bytes
  FROM artifacts LEFT JOIN artifact_copies AS copies ON artifact_id = id`;

/** An artifact that was added on this bench, as far as sending it needs to know. */
export interface AddedHere {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  /** Whether compressing it is worth the while: its stored file tells. */
  readonly packs: boolean;
}

const packs = (size: number, storedBytes: number): boolean => storedBytes < 0.9 * size;

export const addedHere = (body: Omit<AddedHere, 'packs'> & { readonly storedBytes: number }): AddedHere => {
  const { id, name, sha256, size, storedBytes } = body;
  return { id, name, sha256, size, packs: packs(size, storedBytes) };
};

/** @param benchName name of another bench of the site; null when it has not told it yet */
export function artifactQueries(
  db: Database,
  ownId: string,
  benchName: (stationId: string) => string | null,
) {
  const one = db.prepare<[string], ArtifactRow>(`${ARTIFACTS} WHERE id = ?`);
  const ofCase = db.prepare<[string], ArtifactRow>(`${ARTIFACTS} WHERE case_id = ? ORDER BY added_at, id`);

  const added = db.prepare<[string], ArtifactRow>(
    'SELECT * FROM artifacts WHERE station_id = ? ORDER BY added_at, id',
  );

  const toArtifact = (row: ArtifactRow): Artifact => ({
    id: row.id,
    caseId: row.case_id,
    runId: row.run_id,
    kind: row.kind,
    name: row.name,
    mime: row.mime,
    size: row.size,
    sha256: row.sha256,
    addedAt: row.added_at,
    addedBy: row.added_by,
    hashedByUnit: row.hashed_by_unit === null ? null : row.hashed_by_unit === 1,
    here: row.station_id === ownId || row.copy_root !== null,
    stationName: row.station_id === ownId ? null : (benchName(row.station_id) ?? 'another bench'),
  });

  return {
    find(id: string): StoredArtifact | null {
      const row = one.get(id);
      if (!row) return null;
      const { size, sha256, line_breaks: lineBreaks } = row;
      // A copy has another key, and so another root.
      const root = row.copy_root ?? row.root;
      const storedBytes = row.copy_bytes ?? row.stored_bytes;
      const stored = { size, sha256, lineBreaks, root, storedBytes };
      return { artifact: toArtifact(row), stored, packs: packs(size, row.stored_bytes) };
    },
    added: (): AddedHere[] =>
      added.all(ownId).map((row) => addedHere({ ...row, storedBytes: row.stored_bytes })),
    ofCase: (caseId: string): Artifact[] => ofCase.all(caseId).map(toArtifact),
  };
}

interface SummaryRow {
  id: string;
  case_id: string;
  run_id: string;
  verdict: WipeVerdict;
  key_id: string;
  sha256: string;
  at: string;
  by: string;
}

interface RecordRow extends SummaryRow {
  envelope: string;
}

/** A signed record as it is kept. */
export interface StoredRecord {
  readonly summary: RecordSummary;
  readonly envelope: string;
}

export function recordQueries(db: Database) {
  const one = db.prepare<[string], RecordRow>('SELECT * FROM records WHERE id = ?');
  // The envelopes are long, and lie on pages of their own that nothing else has to read.
  const ofCase = db.prepare<[string], SummaryRow>(
    `SELECT id, case_id, run_id, verdict, key_id, sha256, at, by FROM records
     WHERE case_id = ? ORDER BY at, id`,
  );
  const verified = db
    .prepare<[string], [string, string]>(
      `SELECT run_id, case_id FROM json_each(?) AS wanted JOIN records ON case_id = wanted.value
       WHERE verdict = 'verified'`,
    )
    .raw();
  const ofRun = db
    .prepare<[string], string>('SELECT id FROM records WHERE run_id = ? ORDER BY at DESC, id DESC LIMIT 1')
    .pluck();
  return {
    find(id: string): StoredRecord | null {
      const row = one.get(id);
      return row ? { summary: toSummary(row), envelope: row.envelope } : null;
    },
    ofCase: (caseId: string): RecordSummary[] => ofCase.all(caseId).map(toSummary),
    /** Runs of these cases whose record says `verified`, each with its case. */
    verifiedRuns: (caseIds: readonly string[]): Map<string, string> =>
      new Map(verified.all(JSON.stringify(caseIds))),
    idOfRun: (runId: string): string | null => ofRun.get(runId) ?? null,
  };
}

const toSummary = (row: SummaryRow): RecordSummary => ({
  id: row.id,
  caseId: row.case_id,
  runId: row.run_id,
  verdict: row.verdict,
  at: row.at,
  by: row.by,
  keyId: row.key_id,
  sha256: row.sha256,
});
