import { Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import { type Person, ROLES, Role } from '../../../shared/model/people.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { keys } from '../../data/keys.ts';
import { useAction, usePeople } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { pinAgainRule, pinRule } from '../../ui/fieldRules.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { When } from '../../ui/time.tsx';
import { ROLE_WORDS } from '../../ui/words.ts';
import classes from './Settings.module.css';

const ROLE_CHOICES = ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }));
const STALE = { stale: [keys.people, keys.hello] };

/** Who may work here, and as what. */
export function People() {
  const people = usePeople();
  const me = useMe();
  const mayChange = can(me.role, contract.people.update);
  const [adding, setAdding] = useState(false);
  const [pinOf, setPinOf] = useState<Person | null>(null);
  const update = useAction(
    (client, input: { id: string; role?: Role; active?: boolean }) => client.people.update(input),
    STALE,
  );
  const all = (people.data ?? []).toSorted(
    (a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name),
  );
  return (
    <Panel
      title="People"
      aside={mayChange ? undefined : 'changed by administrators'}
      actions={
        mayChange ? (
          <Button
            data-size="compact"
            leftSection={<IconUserPlus size={20} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            Add a person
          </Button>
        ) : null
      }
    >
      {people.error ? <ErrorNotice failure={asFailure(people.error)} /> : null}
      <ErrorNotice failure={update.failure} />
      <ul className={classes.list}>
        {all.map((person) => (
          <li key={person.id} className={classes.item}>
            <div className={classes.grow}>
              <p className={classes.name}>
                {person.name}
                {person.id === me.id ? <span className="rb-dim"> (you)</span> : null}
              </p>
              <p className="rb-dim">
                {person.active ? null : 'deactivated · '}
                {person.lastSignInAt ? (
                  <>
                    last here <When at={person.lastSignInAt} />
                  </>
                ) : (
                  'never signed in'
                )}
              </p>
            </div>
            {mayChange ? (
              <>
                <Select
                  aria-label={`Role of ${person.name}`}
                  data={ROLE_CHOICES}
                  value={person.role}
                  disabled={!person.active || update.busy}
                  onChange={(value) => {
                    const role = Role.safeParse(value);
                    if (role.success && role.data !== person.role)
                      update.run({ id: person.id, role: role.data });
                  }}
                />
                <Button variant="default" data-size="compact" onClick={() => setPinOf(person)}>
                  New PIN
                </Button>
                <Button
                  variant="subtle"
                  data-size="compact"
                  disabled={person.id === me.id || update.busy}
                  onClick={() => update.run({ id: person.id, active: !person.active })}
                >
                  {person.active ? 'Deactivate' : 'Activate'}
                </Button>
              </>
            ) : (
              <span>{ROLE_WORDS[person.role]}</span>
            )}
          </li>
        ))}
      </ul>
      {adding ? <AddPerson onClose={() => setAdding(false)} /> : null}
      {pinOf ? <NewPin person={pinOf} onClose={() => setPinOf(null)} /> : null}
    </Panel>
  );
}

function AddPerson({ onClose }: { onClose: () => void }) {
  const form = useForm({
    initialValues: { name: '', role: 'technician' as Role, pin: '', again: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'What is their name?'),
      pin: pinRule,
      again: pinAgainRule,
    },
  });
  const add = useAction(
    (client, values: typeof form.values) =>
      client.people.add({ name: values.name.trim(), role: values.role, pin: values.pin }),
    { ...STALE, onDone: onClose },
  );
  return (
    <Dialog title="Add a person" dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => add.run(values))} noValidate>
        <TextInput label="Name" autoComplete="off" data-autofocus {...form.getInputProps('name')} />
        <Select label="Role" data={ROLE_CHOICES} {...form.getInputProps('role')} />
        <PasswordInput label="First PIN" autoComplete="new-password" {...form.getInputProps('pin')} />
        <PasswordInput label="PIN again" autoComplete="new-password" {...form.getInputProps('again')} />
        <ErrorNotice failure={add.failure} />
        <Button type="submit" data-size="lg" loading={add.busy}>
          Add
        </Button>
      </form>
    </Dialog>
  );
}

function NewPin({ person, onClose }: { person: Person; onClose: () => void }) {
  const form = useForm({
    initialValues: { pin: '', again: '' },
    validate: { pin: pinRule, again: pinAgainRule },
  });
  const set = useAction(
    (client, values: typeof form.values) => client.people.update({ id: person.id, pin: values.pin }),
    { ...STALE, onDone: onClose },
  );
  return (
    <Dialog title={`New PIN for ${person.name}`} dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => set.run(values))} noValidate>
        <PasswordInput
          label="New PIN"
          autoComplete="new-password"
          data-autofocus
          {...form.getInputProps('pin')}
        />
        <PasswordInput label="PIN again" autoComplete="new-password" {...form.getInputProps('again')} />
        <ErrorNotice failure={set.failure} />
        <Button type="submit" data-size="lg" loading={set.busy}>
          Set the PIN
        </Button>
      </form>
    </Dialog>
  );
}
