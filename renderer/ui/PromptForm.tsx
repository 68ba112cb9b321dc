import { Button, FileButton, NumberInput, Textarea } from '@mantine/core';
import { IconCamera, IconHandStop } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { PromptView } from '../../shared/model/ports.ts';
import { ErrorNotice, type FailureWords } from './Notice.tsx';
import classes from './PromptForm.module.css';
import { useSettled } from './settled.ts';

/** The answer to a `confirm` prompt; the station reads anything else as no. */
const YES = 'yes';
const NO = 'no';

function Choices({
  choices,
  busy,
  settled,
  onAnswer,
}: {
  choices: PromptView['choices'];
  busy: boolean;
  settled: boolean;
  onAnswer: (value: string) => void;
}) {
  return (
    <div className={classes.choices}>
      {choices.map((choice, index) => (
        <Button
          key={choice.value}
          variant={index === 0 ? 'filled' : 'default'}
          data-size="lg"
          disabled={busy}
          aria-disabled={!settled || undefined}
          onClick={() => onAnswer(choice.value)}
        >
          {choice.label}
        </Button>
      ))}
    </div>
  );
}

/** An empty answer leaves an optional question out. */
function LeaveOut(props: { busy: boolean; settled: boolean; onAnswer: (value: string) => void }) {
  return (
    <Button
      variant="default"
      disabled={props.busy}
      aria-disabled={!props.settled || undefined}
      onClick={() => props.onAnswer('')}
    >
      Leave it out
    </Button>
  );
}

function TextAnswer({
  prompt,
  busy,
  settled,
  onAnswer,
}: {
  prompt: PromptView;
  busy: boolean;
  settled: boolean;
  onAnswer: (value: string) => void;
}) {
  const [value, setValue] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value.trim()) onAnswer(value.trim());
  };
  return (
    <form onSubmit={submit} className={classes.answer}>
      {prompt.kind === 'number' ? (
        <NumberInput
          aria-label={prompt.unit ? `Value in ${prompt.unit}` : 'Value'}
          suffix={prompt.unit ? ` ${prompt.unit}` : ''}
          value={value}
          onChange={(next) => setValue(String(next))}
          hideControls
        />
      ) : (
        <Textarea
          aria-label="Your answer"
          autosize
          minRows={1}
          maxRows={6}
          maxLength={4000}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      )}
      <div className={classes.choices}>
        <Button
          type="submit"
          data-size="lg"
          disabled={!value.trim()}
          aria-disabled={!settled || undefined}
          loading={busy}
        >
          Answer
        </Button>
        {prompt.optional ? <LeaveOut busy={busy} settled={settled} onAnswer={onAnswer} /> : null}
      </div>
    </form>
  );
}

/** What the operator is asked, with the answers right there. */
export function PromptForm(props: {
  prompt: PromptView;
  busy: boolean;
  failure: FailureWords | null;
  onAnswer: (value: string) => void;
  /** Takes the photos that a `photo` prompt asks for. */
  onPhotos: (files: File[]) => void;
}) {
  const { prompt, busy } = props;
  // The second tap of a bounce must not answer the next question.
  const settled = useSettled(prompt.id);
  const onAnswer = (value: string) => {
    if (settled) props.onAnswer(value);
  };
  return (
    <div className={classes.prompt} data-tone="needs">
      <p className={classes.text}>
        <IconHandStop size={22} aria-hidden className={classes.icon} />
        <span>{prompt.text}</span>
      </p>
      {prompt.kind === 'confirm' ? (
        <Choices
          choices={
            prompt.choices.length > 0
              ? prompt.choices
              : [
                  { value: YES, label: 'Yes' },
                  { value: NO, label: 'No' },
                ]
          }
          busy={busy}
          settled={settled}
          onAnswer={onAnswer}
        />
      ) : null}
      {prompt.kind === 'choice' ? (
        <Choices choices={prompt.choices} busy={busy} settled={settled} onAnswer={onAnswer} />
      ) : null}
      {prompt.kind === 'text' || prompt.kind === 'number' ? (
        <TextAnswer key={prompt.id} prompt={prompt} busy={busy} settled={settled} onAnswer={onAnswer} />
      ) : null}
      {prompt.kind === 'photo' ? (
        <FileButton multiple accept="image/*" onChange={(files) => files.length > 0 && props.onPhotos(files)}>
          {(button) => (
            <Button
              {...button}
              loading={busy}
              aria-disabled={!settled || undefined}
              data-size="lg"
              leftSection={<IconCamera size={22} aria-hidden />}
            >
              Take or choose photos
            </Button>
          )}
        </FileButton>
      ) : null}
      {prompt.optional && prompt.kind !== 'text' && prompt.kind !== 'number' ? (
        <LeaveOut busy={busy} settled={settled} onAnswer={onAnswer} />
      ) : null}
      <ErrorNotice failure={props.failure} />
    </div>
  );
}
