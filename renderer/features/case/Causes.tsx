import { Button, Menu, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDots, IconShieldCheck } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { CaseCause, CaseView, CauseCode } from '../../../shared/model/cases.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { useCaseAction, useCatalogue } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ReasonDialog } from '../../ui/ReasonDialog.tsx';
import { When } from '../../ui/time.tsx';
import classes from './Causes.module.css';
import { causePath, searchCauses } from './causeSearch.ts';
import lists from './lists.module.css';

/**
 * Why the unit failed: found by typing, recorded with Enter, confirmed by QA (on a closed case too). `focus`: a new
 * object each time the field is to be gone to.
 */
export function Causes(props: { view: CaseView; working: boolean; focus: object | null }) {
  const { view, working, focus } = props;
  const [confirming, setConfirming] = useState<CaseCause | null>(null);
  const [removing, setRemoving] = useState<CaseCause | null>(null);
  const [picked, setPicked] = useState<CauseCode | null>(null);
  const catalogue = useCatalogue();
  const me = useMe();
  const mayConfirm = can(me.role, contract.cases.confirmCause);
  return (
    <Panel title="Cause" aside={view.causes.length === 0 ? 'no closing without one' : undefined}>
      {view.causes.length > 0 ? (
        <ul className={lists.list}>
          {view.causes.map((cause) => (
            <li key={cause.id} className={classes.cause}>
              <div className={classes.text}>
                <p className={classes.path}>{causePath(cause)}</p>
                <p className="rb-dim">
                  {cause.certainty === 'confirmed' ? 'Confirmed' : 'Suspected'}
                  {cause.role === 'contributing' ? ', contributing' : ''} · {cause.by}, <When at={cause.at} />
                </p>
                {[cause.symptomObserved, cause.action, cause.analysis].filter(Boolean).map((text) => (
                  <p key={text} className={classes.detail}>
                    {text}
                  </p>
                ))}
              </div>
              {working || mayConfirm ? (
                <div className={classes.actions}>
                  {mayConfirm && cause.certainty === 'suspected' ? (
                    <Button
                      variant="default"
                      data-size="compact"
                      leftSection={<IconShieldCheck size={18} aria-hidden />}
                      onClick={() => setConfirming(cause)}
                    >
                      Confirm
                    </Button>
                  ) : null}
                  {working ? (
                    <Menu position="bottom-end">
                      <Menu.Target>
                        <Button
                          variant="subtle"
                          data-size="compact"
                          aria-label={`More for ${causePath(cause)}`}
                        >
                          <IconDots size={20} aria-hidden />
                        </Button>
                      </Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item onClick={() => setRemoving(cause)}>Take it back</Menu.Item>
                      </Menu.Dropdown>
                    </Menu>
                  ) : null}
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {catalogue.error ? <ErrorNotice failure={asFailure(catalogue.error)} /> : null}
      {working && catalogue.data ? (
        picked ? (
          <RecordForm view={view} code={picked} onDone={() => setPicked(null)} />
        ) : (
          <CausePicker codes={catalogue.data.codes} focus={focus} onPick={setPicked} />
        )
      ) : null}
      {confirming ? (
        <ConfirmDialog view={view} cause={confirming} onClose={() => setConfirming(null)} />
      ) : null}
      {removing ? <RemoveDialog view={view} cause={removing} onClose={() => setRemoving(null)} /> : null}
    </Panel>
  );
}

/** Type, arrow, Enter. */
function CausePicker(props: { codes: CauseCode[]; focus: object | null; onPick: (code: CauseCode) => void }) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = query.trim() === '' ? [] : searchCauses(props.codes, query, 7);

  useEffect(() => {
    if (!props.focus) return;
    field.current?.focus();
    field.current?.scrollIntoView({ block: 'center' });
  }, [props.focus]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive((at) => Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setActive((at) => Math.max(at - 1, 0));
    else if (event.key === 'Enter') {
      const code = found[active];
      if (code) props.onPick(code);
    } else if (event.key === 'Escape') setQuery('');
    else return;
    event.preventDefault();
  };

  return (
    <div className={classes.picker}>
      <TextInput
        ref={field}
        label="Record a cause"
        description="Type a part, a failure or another word for it; Enter takes the first."
        placeholder="battery swollen"
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-list`} aria-label="Causes found" className={classes.found}>
        {found.map((code, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            key={code.code}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={classes.option}
            onClick={() => props.onPick(code)}
          >
            <span className={classes.path}>{causePath(code)}</span>
            <span className="rb-dim rb-mono">{code.code}</span>
          </div>
        ))}
      </div>
      {query.trim() !== '' && found.length === 0 ? (
        <p className="rb-dim" role="status">
          No code has all these words. Try fewer, or the part’s name alone.
        </p>
      ) : null}
    </div>
  );
}

function RecordForm({ view, code, onDone }: { view: CaseView; code: CauseCode; onDone: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const form = useForm({
    initialValues: {
      role: view.causes.some(({ role }) => role === 'primary') ? 'contributing' : 'primary',
      symptomObserved: '',
      action: '',
    },
  });
  const record = useCaseAction(
    (client, values: typeof form.values) =>
      client.cases.addCause({
        id: view.id,
        code: code.code,
        role: values.role === 'primary' ? 'primary' : 'contributing',
        symptomObserved: values.symptomObserved.trim() || null,
        action: values.action.trim() || null,
      }),
    onDone,
  );
  useEffect(() => button.current?.focus(), []);
  return (
    <form className={classes.record} onSubmit={form.onSubmit((values) => record.run(values))}>
      <p className={classes.path}>{causePath(code)}</p>
      <SegmentedControl
        fullWidth
        aria-label="Role of the cause"
        data={[
          { value: 'primary', label: 'Primary' },
          { value: 'contributing', label: 'Contributing' },
        ]}
        {...form.getInputProps('role')}
      />
      <TextInput label="Seen on the unit" maxLength={2000} {...form.getInputProps('symptomObserved')} />
      <TextInput label="Done about it" maxLength={2000} {...form.getInputProps('action')} />
      <ErrorNotice failure={record.failure} />
      <div className={forms.row}>
        <Button type="submit" data-size="lg" loading={record.busy} ref={button}>
          Record as suspected
        </Button>
        <Button variant="subtle" onClick={onDone}>
          Another cause
        </Button>
      </div>
    </form>
  );
}

function ConfirmDialog({ view, cause, onClose }: { view: CaseView; cause: CaseCause; onClose: () => void }) {
  const form = useForm({
    initialValues: { analysis: '', serial: '', lot: '' },
    validate: { analysis: (value) => (value.trim() ? null : 'What shows that this is the cause?') },
  });
  const confirm = useCaseAction((client, values: typeof form.values) => {
    const serial = values.serial.trim() || null;
    const lot = values.lot.trim() || null;
    return client.cases.confirmCause({
      id: view.id,
      causeId: cause.id,
      analysis: values.analysis.trim(),
      removedPart: serial || lot ? { serial, lot } : null,
    });
  }, onClose);
  return (
    <Dialog title="Confirm the cause" size="lg" onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => confirm.run(values))} noValidate>
        <p className={classes.path}>{causePath(cause)}</p>
        <Textarea
          label="Analysis"
          autosize
          minRows={3}
          maxLength={4000}
          data-autofocus
          {...form.getInputProps('analysis')}
        />
        <div className={forms.pair}>
          <TextInput
            label="Removed part: serial"
            classNames={{ input: 'rb-mono' }}
            {...form.getInputProps('serial')}
          />
          <TextInput
            label="Removed part: lot"
            classNames={{ input: 'rb-mono' }}
            {...form.getInputProps('lot')}
          />
        </div>
        <ErrorNotice failure={confirm.failure} />
        <Button type="submit" data-size="lg" loading={confirm.busy}>
          Confirm
        </Button>
      </form>
    </Dialog>
  );
}

function RemoveDialog({ view, cause, onClose }: { view: CaseView; cause: CaseCause; onClose: () => void }) {
  const remove = useCaseAction(
    (client, reason: string) => client.cases.removeCause({ id: view.id, causeId: cause.id, reason }),
    onClose,
  );
  return (
    <ReasonDialog
      title="Take the cause back"
      text={`${causePath(cause)} stays in the history, marked as taken back.`}
      submitLabel="Take it back"
      busy={remove.busy}
      failure={remove.failure}
      onSubmit={remove.run}
      onClose={onClose}
    />
  );
}
