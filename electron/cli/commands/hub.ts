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

export async function hubState({ client, zone }: Context): Promise<Result> {
  const view = await client.hub.state();
  return { document: view, text: view ? words(view, zone) : 'This bench belongs to no hub.' };
}

/** One exchange with the hub. */
export async function sync({ client, zone }: Context): Promise<Result> {
  const report = await client.hub.sync();
  return { document: report, text: `${report.pushed} sent. ${words(report, zone)}` };
}

function words({ url, siteName, pending, trouble, troubleSince }: SyncView, zone: string): string {
  const waiting = pending === 0 ? 'everything is there' : `${pending} wait to be sent`;
  const since = troubleSince && formatInstant(troubleSince, zone);
  const apart = trouble ? ` Since ${since}: ${trouble.message} ${trouble.hint}` : '';
  return `“${siteName}” at ${url}: ${waiting}.${apart}`;
}
