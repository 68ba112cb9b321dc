/** A hub that says nothing, and takes nothing, for this long is taken for away. */
const SILENCE_MS = 60_000;

/** A signal that also fires when nothing was heard for a while, however long the whole takes; `end` it. */
export function untilSilent(signal: AbortSignal) {
  const silent = new AbortController();
  const timer = setTimeout(
    () => silent.abort(new DOMException('nothing was heard for a minute', 'TimeoutError')),
    SILENCE_MS,
  );
  return {
    signal: AbortSignal.any([signal, silent.signal]),
    heard: (): void => void timer.refresh(),
    end: (): void => clearTimeout(timer),
  };
}
