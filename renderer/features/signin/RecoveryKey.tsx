import { Button, TextInput } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import type { Session } from '../../../shared/model/people.ts';
import { keys } from '../../data/keys.ts';
import { useStation } from '../../data/station.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Front } from './Front.tsx';
import { isLastGroup } from './prefix.ts';
import classes from './signin.module.css';

/** Shown once: the key goes to paper, and a typed part of it shows that the paper is there. */
export function RecoveryKey({
  made,
  stationName,
  training,
}: {
  made: { recoveryKey: string; session: Session };
  stationName: string;
  training: boolean;
}) {
  const { sessions } = useStation();
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isLastGroup(made.recoveryKey, typed)) {
      setWrong(true);
      return;
    }
    sessions.begin(made.session);
    void cache.invalidateQueries({ queryKey: keys.hello });
  };

  return (
    <Front
      title="Print the recovery key"
      training={training}
      lead="Everything on this bench is encrypted. When this machine or its keychain is lost, this key alone opens the data again."
    >
      <section className={classes.paper} aria-label="Recovery key">
        <p className={classes.paperTitle}>
          Recovery key of {stationName}
          {training ? <strong className={classes.watermark}>Training</strong> : null}
        </p>
        <p className={classes.key}>
          {made.recoveryKey.split(/[-\s]+/).map((group, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: groups have no identity but their place
            <span key={index}>{group}</span>
          ))}
        </p>
        <p className={classes.paperText}>
          Keep it in the safe, apart from the machine. Whoever has it and the data folder can read everything.
        </p>
      </section>
      <Notice tone="needs" title="It is shown this one time.">
        Nobody can show it again, and nobody can open the data without it.
      </Notice>
      <form className={classes.form} onSubmit={submit}>
        <Button
          variant="default"
          data-size="lg"
          leftSection={<IconPrinter size={22} aria-hidden />}
          onClick={() => window.print()}
        >
          Print it
        </Button>
        <TextInput
          label="Type the last group from the paper"
          description="So that we both know it was printed or written down."
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setWrong(false);
          }}
          error={wrong ? 'That is not the last group of the key.' : null}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: 'rb-mono' }}
        />
        <Button type="submit" data-size="lg" disabled={typed.trim() === ''}>
          I have it on paper
        </Button>
      </form>
    </Front>
  );
}
