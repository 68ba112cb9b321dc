import type { ReactNode } from 'react';
import classes from './Chip.module.css';
import { formatCount } from './format.ts';
import type { Tone } from './looks.ts';

/** A row of filter chips; `label` says what they filter by. */
export function Chips({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields, these are filters
    <div className={classes.chips} role="group" aria-label={label}>
      {children}
    </div>
  );
}

/** A filter that is on or off, with how many fit it. */
export function Chip(props: {
  label: string;
  on: boolean;
  onClick: () => void;
  count?: number | undefined;
  tone?: Tone;
}) {
  return (
    <button
      type="button"
      className={classes.chip}
      data-tone={props.tone}
      aria-pressed={props.on}
      onClick={props.onClick}
    >
      {props.tone ? <span className={classes.dot} aria-hidden /> : null}
      {props.label}
      {props.count === undefined ? null : <span className="rb-figures">{formatCount(props.count)}</span>}
    </button>
  );
}
