import { Loader } from '@mantine/core';

/** Something is being read; said to screen readers too. */
export function Waiting({ what = 'Reading' }: { what?: string }) {
  return (
    <p role="status" className="rb-dim">
      <Loader size={18} type="dots" aria-hidden /> {what}…
    </p>
  );
}
