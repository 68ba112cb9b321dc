import { EventEmitter } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ActiveRun } from '../../shared/shell/messages.ts';

const dialog = vi.hoisted(() => ({ showMessageBox: vi.fn(), showMessageBoxSync: vi.fn() }));
vi.mock('electron', () => ({ dialog }));
const { showMessageBox, showMessageBoxSync } = dialog;
const { guardClosing } = await import('./close-guard.ts');

/** A window as far as closing goes. */
class FakeWindow extends EventEmitter {
  closed = false;
  /** Whether the page says that leaving it loses something. */
  unfinished = false;
  readonly webContents = new EventEmitter();

  close(): void {
    const stopped = prevented((event) => this.emit('close', event));
    const stays = () =>
      this.unfinished && !prevented((event) => this.webContents.emit('will-prevent-unload', event));
    if (!stopped && !stays()) this.closed = true;
  }

  isDestroyed = () => this.closed;
}

function prevented(emit: (event: { preventDefault(): void }) => void): boolean {
  let is = false;
  emit({
    preventDefault() {
      is = true;
    },
  });
  return is;
}

function guarded(runs: readonly ActiveRun[] | null): FakeWindow {
  const window = new FakeWindow();
  guardClosing(window as unknown as Parameters<typeof guardClosing>[0], async () => runs);
  return window;
}

const KEEP = { response: 0 };
const CLOSE = { response: 1 };
const RUN = { title: 'Ship intake', caseNumber: 'B1-000042' };

beforeEach(() => {
  showMessageBox.mockReset();
  showMessageBoxSync.mockReset();
});

test('closes without a question when nothing runs', async () => {
  const window = guarded([]);
  window.close();
  await vi.waitFor(() => expect(window.closed).toBe(true));
  expect(showMessageBox).not.toHaveBeenCalled();
});

test('asks during runs, naming them, and stays open unless told otherwise', async () => {
  showMessageBox.mockResolvedValue(KEEP);
  const window = guarded([RUN, { title: 'Wipe', caseNumber: 'B1-000043' }]);
  window.close();
  window.close();
  await vi.waitFor(() => expect(showMessageBox).toHaveBeenCalledTimes(1));
  const [, options] = showMessageBox.mock.calls[0] ?? [];
  expect(options.message).toBe('2 runs are under way. Closing interrupts them.');
  expect(options.detail).toBe('• Ship intake (case B1-000042)\n• Wipe (case B1-000043)');
  expect(options.buttons[options.defaultId]).toBe('Keep running');
  expect(options.buttons[options.cancelId]).toBe('Keep running');
  expect(window.closed).toBe(false);
});

test('asks again the next time, and closes when told to', async () => {
  showMessageBox.mockResolvedValueOnce(KEEP).mockResolvedValueOnce(CLOSE);
  const window = guarded([RUN]);
  window.close();
  await vi.waitFor(() => expect(showMessageBox).toHaveBeenCalledTimes(1));
  await vi.waitFor(() => {
    window.close();
    expect(window.closed).toBe(true);
  });
  expect(showMessageBox).toHaveBeenCalledTimes(2);
});

test('says so when the station does not answer', async () => {
  showMessageBox.mockResolvedValue(CLOSE);
  const window = guarded(null);
  window.close();
  await vi.waitFor(() => expect(window.closed).toBe(true));
  expect(showMessageBox.mock.calls[0]?.[1].message).toContain('does not answer');
});

test('asks before leaving a page that is not finished, and about runs again after staying', async () => {
  showMessageBoxSync.mockReturnValueOnce(0).mockReturnValueOnce(1);
  showMessageBox.mockResolvedValue(CLOSE);
  const window = guarded([RUN]);
  window.unfinished = true;
  window.close();
  await vi.waitFor(() => expect(showMessageBoxSync).toHaveBeenCalledTimes(1));
  expect(window.closed).toBe(false);
  await vi.waitFor(() => {
    window.close();
    expect(window.closed).toBe(true);
  });
  expect(showMessageBox).toHaveBeenCalledTimes(2);
});
