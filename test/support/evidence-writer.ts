import { logText } from '../../electron/station/evidence/testing.ts';
import { ADA, CASE } from './evidence.ts';
import { openEvidenceFolder } from './evidence-folder.ts';

/*
 * Adds one artifact after the other until it is killed, and tells its parent at each step.
 * `done` means acknowledged: from then on the artifact must survive.
 */
const [root = ''] = process.argv.slice(2);
const { artifacts } = await openEvidenceFolder(root);
const content = logText(300_000);
const tell = (step: string) => new Promise<void>((sent) => process.stdout.write(`${step}\n`, () => sent()));

for (;;) {
  const sink = await artifacts.open({
    caseId: CASE,
    runId: null,
    kind: 'log',
    name: 'kernel.log',
    mime: 'text/plain',
    actor: ADA,
  });
  await tell('open');
  for (let n = 0; n < 5; n++) await sink.write(content);
  await tell('written');
  const finishing = sink.finish();
  await tell('finishing');
  await finishing;
  await tell(`done ${sink.id}`);
}
