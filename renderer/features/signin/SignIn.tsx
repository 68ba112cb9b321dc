import { Button, TextInput } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import type { Hello } from '../../../shared/contract/station.ts';
import { useAction } from '../../data/queries.ts';
import { useStation } from '../../data/station.tsx';
import { formatDuration } from '../../ui/format.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { PinPad } from '../../ui/PinPad.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { ROLE_WORDS } from '../../ui/words.ts';
import { ForgottenPin } from './ForgottenPin.tsx';
import { Front } from './Front.tsx';
import { initials } from './prefix.ts';
import classes from './signin.module.css';

type Known = z.infer<typeof Hello>['people'];

function People({
  people,
  picked,
  onPick,
}: {
  people: Known;
  picked: string;
  onPick: (name: string) => void;
}) {
  return (
    <ul className={classes.people} aria-label="People of this bench">
      {people.map(({ name, role }) => (
        <li key={name}>
          <button
            type="button"
            className={classes.person}
            aria-pressed={name.toLowerCase() === picked.trim().toLowerCase()}
            onClick={() => onPick(name)}
          >
            <span className={classes.avatar} aria-hidden>
              {initials(name)}
            </span>
            <span className={classes.personText}>
              <span className={classes.personName}>{name}</span>
              <span className="rb-dim">{ROLE_WORDS[role]}</span>
            </span>
            <IconChevronRight size={20} aria-hidden className={classes.chevron} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Seconds until a lock-out ends, counted down from when it was told; null without one. */
function useLockout(seconds: number | null): number | null {
  const [left, setLeft] = useState<number | null>(seconds);
  useEffect(() => {
    setLeft(seconds);
    if (seconds === null) return;
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(() => {
      const rest = Math.ceil((until - Date.now()) / 1000);
      setLeft(rest > 0 ? rest : null);
    }, 500);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}

/** Who are you: a name picked, typed or scanned, and a PIN by keyboard or pad. */
export function SignIn({
  stationName,
  people,
  training,
}: {
  stationName: string;
  people: Known;
  training: boolean;
}) {
  const { sessions, session } = useStation();
  const [known] = useState(session.last?.name ?? (people.length === 1 ? (people[0]?.name ?? '') : ''));
  const [name, setName] = useState(known);
  const [pin, setPin] = useState('');
  const [forgotten, setForgotten] = useState(false);
  /** Who got a new PIN just now. */
  const [renewed, setRenewed] = useState<string | null>(null);
  const pinField = useRef<HTMLInputElement>(null);
  const signIn = useAction((client, input: { name: string; pin: string }) => client.session.signIn(input), {
    onDone: (next) => sessions.begin(next),
  });
  const { failure } = signIn;
  const seconds = failure?.code === 'people.locked-out' ? Number(failure.params.seconds ?? 0) : null;
  const locked = useLockout(seconds);

  useEffect(() => {
    // Whoever is known types the PIN at once, on the keyboard or on the pad.
    if (known !== '') pinField.current?.focus();
  }, [known]);

  const pick = (next: string) => {
    setName(next);
    setPin('');
    setRenewed(null);
    signIn.clear();
    pinField.current?.focus();
  };
  useScanTarget((text) => {
    const badge = people.find((person) => person.name.toLowerCase() === text.toLowerCase());
    if (badge) pick(badge.name);
    return badge !== undefined;
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || pin.length < 4 || locked !== null || signIn.busy) return;
    signIn.run(
      { name: name.trim(), pin },
      {
        onError: () => {
          setPin('');
          pinField.current?.focus();
        },
      },
    );
  };

  return (
    <Front title={stationName} lead="Sign in to work at this bench." training={training} wide>
      {session.ended === 'expired' ? (
        <Notice tone="working" title="Your session has ended.">
          Sign in again; your place and what you typed are kept.
        </Notice>
      ) : null}
      <form className={classes.signin} onSubmit={submit}>
        <div className={classes.column}>
          <TextInput
            label="Name"
            description="Type it, scan your badge, or pick it below."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="username"
            autoFocus={name === ''}
            spellCheck={false}
            data-scan="submit"
            onKeyDown={(event) => {
              if (event.key === 'Enter' && pin === '') {
                event.preventDefault();
                pinField.current?.focus();
              }
            }}
          />
          <People people={people} picked={name} onPick={pick} />
        </div>
        <div className={classes.column}>
          <PinPad
            value={pin}
            onChange={setPin}
            disabled={locked !== null || signIn.busy}
            inputRef={pinField}
            label={name.trim() ? `PIN of ${name.trim()}` : 'PIN'}
          />
          {locked !== null ? (
            <Notice
              tone="needs"
              title={`Too many wrong PINs: locked for ${formatDuration(locked)} more.`}
              live
            >
              Wait, or ask an administrator to set a new PIN.
            </Notice>
          ) : (
            <ErrorNotice failure={seconds === null ? failure : null} />
          )}
          {renewed && !failure ? (
            <Notice tone="passed" title={`${renewed} has a new PIN.`} live>
              Sign in with it.
            </Notice>
          ) : null}
          <Button
            variant="subtle"
            data-size="compact"
            className={classes.forgot}
            onClick={() => setForgotten(true)}
          >
            Forgot the PIN?
          </Button>
        </div>
      </form>
      {forgotten ? (
        <ForgottenPin
          administrators={people.filter(({ role }) => role === 'administrator').map((each) => each.name)}
          name={name}
          onClose={() => setForgotten(false)}
          onDone={(whose) => {
            setForgotten(false);
            pick(whose);
            setRenewed(whose);
          }}
        />
      ) : null}
    </Front>
  );
}
