import { Button, TextInput } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { type FormEvent, useEffect, useId, useState } from 'react';
import forms from './forms.module.css';
import { Notice } from './Notice.tsx';
import classes from './RecoveryKeyPaper.module.css';
import { groupsOf, isLastGroup } from './recoveryKey.ts';

/**
 * A recovery key, shown once: it goes to paper, and a typed part of it shows that the paper is there. Nothing else is
 * printed with it.
 */
export function RecoveryKeyPaper(props: {
  recoveryKey: string;
  stationName: string;
  training: boolean;
  /** Somebody has it on paper: the only way on. */
  onKept: () => void;
}) {
  const title = useId();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isLastGroup(props.recoveryKey, typed)) props.onKept();
    else setWrong(true);
  };

  return (
    <div className={classes.root}>
      <section className={classes.paper} aria-labelledby={title}>
        <p className={classes.title} id={title}>
          Recovery key of {props.stationName}
          {props.training ? <strong className={classes.watermark}>Training</strong> : null}
        </p>
        <p className={classes.key}>
          {groupsOf(props.recoveryKey).map((group, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: groups have no identity but their place
            <span key={index}>{group}</span>
          ))}
        </p>
        <p className={classes.text}>
          Keep it in the safe, apart from the machine. Whoever has it and the data folder can read everything.
        </p>
      </section>
      <Notice tone="needs" title="It is shown this one time.">
        Nobody can show it again, and nobody can open the data without it.
      </Notice>
      <form className={forms.form} onSubmit={submit}>
        <Button
          variant="default"
          data-size="lg"
          autoFocus
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
    </div>
  );
}
