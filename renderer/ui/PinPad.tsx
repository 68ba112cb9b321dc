import { PasswordInput } from '@mantine/core';
import { IconBackspace, IconCheck } from '@tabler/icons-react';
import { type Ref, useRef } from 'react';
import classes from './PinPad.module.css';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/** A PIN by keyboard or by an on-screen pad that gloved fingers can hit. */
export function PinPad(props: {
  value: string;
  onChange: (value: string) => void;
  disabled?: boolean;
  label?: string;
  inputRef?: Ref<HTMLInputElement>;
}) {
  const pad = useRef<HTMLFieldSetElement>(null);
  const press = (digit: string) => {
    if (!props.disabled && props.value.length < 64) props.onChange(props.value + digit);
  };
  return (
    <div className={classes.root}>
      <PasswordInput
        ref={props.inputRef}
        label={props.label ?? 'PIN'}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        disabled={props.disabled ?? false}
        autoComplete="current-password"
        inputMode="numeric"
        data-scan="submit"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the PIN' }}
      />
      <fieldset className={classes.pad} ref={pad} disabled={props.disabled}>
        <legend className="rb-sr">Number pad</legend>
        {DIGITS.map((digit) => (
          <button key={digit} type="button" className={classes.key} onClick={() => press(digit)}>
            {digit}
          </button>
        ))}
        <button
          type="button"
          className={classes.key}
          aria-label="Delete the last digit"
          onClick={() => props.onChange(props.value.slice(0, -1))}
        >
          <IconBackspace size={26} aria-hidden />
        </button>
        <button type="button" className={classes.key} onClick={() => press('0')}>
          0
        </button>
        <button type="submit" className={classes.key} data-go aria-label="Sign in with this PIN">
          <IconCheck size={28} stroke={2.6} aria-hidden />
        </button>
      </fieldset>
    </div>
  );
}
