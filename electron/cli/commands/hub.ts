import { formatInstant } from '../../../shared/instants.ts';
import type { BlobsView, SyncView } from '../../../shared/model/sync.ts';
import type { Context } from '../context.ts';
import type { Result } from '../output.ts';

export async function hubEnrol({ client }: Context, url: string, code: string): Promise<Result> {
  const view = await client.hub.enrol({ url, code });
  return { document: view, text: `This bench belongs to “${view.siteName}” at ${view.url} now.` };
}

export async function hubLeave({ client }: Context): Promise<Result> {
  await client.hub.leave();
  return { document: { ok: true }, text: 'This bench belongs to no hub any more.' };
}

export async function hubRotateKey({ client }: Context): Promise<Result> {
  await client.hub.rotateKey();
  return { document: { ok: true }, text: 'This bench signs with another key from now on.' };
}

export async function hubState({ client, zone }: Context): Promise<Result> {
  const [view, files] = await Promise.all([client.hub.state(), client.hub.blobs()]);
  if (!view || !files) return { document: null, text: 'This bench belongs to no hub.' };
  return { document: { ...view, files }, text: `${words(view, zone)}${filesWords(files, zone)}` };
}

/** One exchange with the hub, both ways. */
export async function sync({ client, zone }: Context): Promise<Result> {
  const report = await client.hub.sync();
  return { document: report, text: `${report.pushed} sent, ${report.pulled} read. ${words(report, zone)}` };
}

/** How far each side knows the other's work, what keeps them apart, and what waits for a person. */
function words(view: SyncView, zone: string): string {
  const { url, siteName, pending, unread, trouble, troubleSince } = view;
  const there = pending === 0 ? 'everything is there' : `${pending} wait to be sent`;
  const here = unread === 0 ? 'everything is here' : `${unread} wait to be read`;
  return `“${siteName}” at ${url}: ${there}, ${here}.${apart(trouble, troubleSince, zone)}${open(view)}`;
}

/** Files whose content the hub does not have yet, and what keeps them here. */
function filesWords({ pending, pendingBytes, trouble, troubleSince }: BlobsView, zone: string): string {
  if (pending === 0) return '';
  const waiting = pending === 1 ? '1 file' : `${pending} files`;
  const wait = pending === 1 ? 'waits' : 'wait';
  return `\n${waiting} (${pendingBytes} bytes) ${wait} to be sent.${apart(trouble, troubleSince, zone)}`;
}

function apart(trouble: SyncView['trouble'], since: string | null, zone: string): string {
  if (!trouble) return '';
  return ` Since ${since && formatInstant(since, zone)}: ${trouble.message} ${trouble.hint}`;
}

function open({ conflicts, toLookAt }: SyncView): string {
  const parts = [
    conflicts > 0 ? `${conflicts} in conflict` : null,
    toLookAt > 0 ? `${toLookAt} to look at` : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? `\nFor somebody to settle: ${parts.join(', ')} (see “conflicts”).` : '';
}
