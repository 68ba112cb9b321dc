import { Radio } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './RadioCard.module.css';

/** The choices of a `Radio.Group`, one below the other or, where there is room, side by side. */
export const RadioCards = (props: { beside?: boolean; children: ReactNode }) => (
  <div className={classes.cards} data-beside={props.beside || undefined}>
    {props.children}
  </div>
);

/** One of a few choices, as large as a gloved hand wants it; its lines stand one below the other. */
export function RadioCard(props: { value: string; disabled?: boolean; children: ReactNode }) {
  const { disabled = false } = props;
  return (
    <Radio.Card value={props.value} className={classes.card} disabled={disabled}>
      <Radio.Indicator disabled={disabled} />
      <span>{props.children}</span>
    </Radio.Card>
  );
}
