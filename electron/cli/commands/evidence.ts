import { createHash } from 'node:crypto';
import { contentInRanges } from '../../../shared/contract/ranges.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { SearchHit, VerifyReport } from '../../../shared/model/evidence.ts';
import { type Context, wholeNumber } from '../context.ts';
import { writeNewFile } from '../files.ts';
import type { Result } from '../output.ts';

/** Writes an artifact's content to a new file; one whose hash is not the recorded one is not kept. */
export async function artifactGet({ client }: Context, id: string, out: string): Promise<Result> {
  const artifact = await client.artifacts.get({ id });
  const hash = createHash('sha256');
  await writeNewFile(out, async (write) => {
    const read = (offset: number, length: number) => client.artifacts.read({ id, offset, length });
    for await (const range of contentInRanges(read, artifact.size)) {
      const bytes = new Uint8Array(await range.arrayBuffer());
      hash.update(bytes);
      await write(bytes);
    }
    const sha256 = hash.copy().digest('hex');
    if (sha256 !== artifact.sha256) {
      throw new BenchError('artifact.damaged', { id, detail: `its SHA-256 is ${sha256}` });
    }
  });
  const { size, sha256 } = artifact;
  return {
    document: { artifact, out, sha256, ok: true },
    text: `${out}: ${size} bytes, SHA-256 ${sha256} as recorded`,
  };
}

const FEW = 200;
/** The most that one call gives. */
const PAGE = 1000;

/** Lines that match, over as many calls as it takes: a call ends early when it takes the station long. */
export async function artifactSearch(
  { client }: Context,
  id: string,
  query: string,
  options: { regex?: boolean; case?: boolean; from?: string; limit?: string },
): Promise<Result> {
  const most = options.limit === undefined ? FEW : wholeNumber('--limit', options.limit);
  let nextLine: number | null = options.from === undefined ? 1 : wholeNumber('--from', options.from);
  const hits: SearchHit[] = [];
  let scannedBytes = 0;
  while (nextLine !== null && hits.length < most) {
    const page: Awaited<ReturnType<typeof client.artifacts.search>> = await client.artifacts.search({
      id,
      query,
      regex: options.regex ?? false,
      caseSensitive: options.case ?? false,
      fromLine: nextLine,
      limit: Math.min(PAGE, most - hits.length),
    });
    hits.push(...page.hits);
    scannedBytes += page.scannedBytes;
    nextLine = page.nextLine;
  }
  const lines = hits.map((hit) => `${hit.line}: ${hit.text}`);
  if (hits.length === 0) lines.push('Nothing found.');
  if (nextLine !== null) lines.push(`There may be more: go on with --from ${nextLine}.`);
  return {
    document: { hits, nextLine, scannedBytes },
    text: lines.join('\n'),
    exitCode: hits.length > 0 ? 0 : 1,
  };
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
  if (out) await writeNewFile(out, (write) => write(record.envelope));
  return { document: record, text: out ? `${out}: ${record.summary.verdict}` : record.envelope };
}
