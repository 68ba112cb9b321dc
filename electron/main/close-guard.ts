import { type BrowserWindow, dialog } from 'electron';
import type { ActiveRun } from '../../shared/shell/messages.ts';

const KEEP = 0;
const CLOSE = 1;
const STAY = 0;
const LEAVE = 1;

/**
 * Asks before the window closes during runs, naming them. Quitting closes the window, so it asks too.
 * @param activeRuns null: the station does not answer
 */
export function guardClosing(
  window: BrowserWindow,
  activeRuns: () => Promise<readonly ActiveRun[] | null>,
): void {
  let agreed = false;
  let asking = false;
  window.on('close', (event) => {
    if (agreed) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    mayClose(window, activeRuns)
      .then((may) => {
        agreed = may;
        if (may && !window.isDestroyed()) window.close();
      })
      .finally(() => {
        asking = false;
      });
  });
  window.webContents.on('will-prevent-unload', (event) => {
    if (mayLeave(window)) event.preventDefault();
    else agreed = false;
  });
}

/** A browser would ask by itself when a page says that leaving it loses something; Electron just stays. */
function mayLeave(window: BrowserWindow): boolean {
  const answer = dialog.showMessageBoxSync(window, {
    type: 'warning',
    title: 'Repairbench',
    message: 'This page is not finished.',
    detail: 'Leaving it now loses what it shows or what was typed into it.',
    buttons: ['Stay', 'Leave'],
    defaultId: STAY,
    cancelId: STAY,
    noLink: true,
  });
  return answer === LEAVE;
}

async function mayClose(
  window: BrowserWindow,
  activeRuns: () => Promise<readonly ActiveRun[] | null>,
): Promise<boolean> {
  const runs = await activeRuns();
  if (runs?.length === 0) return true;
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    title: 'Repairbench',
    message: question(runs),
    detail: runs === null ? 'It may be in the middle of a run.' : list(runs),
    buttons: ['Keep running', 'Close anyway'],
    defaultId: KEEP,
    cancelId: KEEP,
    noLink: true,
  });
  return response === CLOSE;
}

function question(runs: readonly ActiveRun[] | null): string {
  if (runs === null) return 'The station does not answer. Close all the same?';
  return runs.length === 1
    ? 'A run is under way. Closing interrupts it.'
    : `${runs.length} runs are under way. Closing interrupts them.`;
}

const list = (runs: readonly ActiveRun[]) =>
  runs.map((run) => `• ${run.title} (case ${run.caseNumber})`).join('\n');
