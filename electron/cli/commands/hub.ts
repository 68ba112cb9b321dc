import { formatInstant } from '../../../shared/instants.ts';
import type { SyncView } from '../../../shared/model/sync.ts';
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
  const view = await client.hub.state();
  return { document: view, text: view ? words(view, zone) : 'This bench belongs to no hub.' };
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
  const since = troubleSince && formatInstant(troubleSince, zone);
  const apart = trouble ? ` Since ${since}: ${trouble.message} ${trouble.hint}` : '';
  return `“${siteName}” at ${url}: ${there}, ${here}.${apart}${open(view)}`;
}

function open({ conflicts, toLookAt }: SyncView): string {
  const parts = [
    conflicts > 0 ? `${conflicts} in conflict` : null,
    toLookAt > 0 ? `${toLookAt} to look at` : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? `\nFor somebody to settle: ${parts.join(', ')} (see “conflicts”).` : '';
}
