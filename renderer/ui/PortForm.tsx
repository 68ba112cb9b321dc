import { Button, NumberInput, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAdjustments } from '@tabler/icons-react';
import { useState } from 'react';
import { DEFAULT_LINE, type LineSettings, type PortView } from '../../shared/model/ports.ts';
import type { Family } from '../../shared/model/units.ts';
import forms from './forms.module.css';
import { ErrorNotice, type FailureWords } from './Notice.tsx';
import classes from './PortForm.module.css';

export interface PortFormValues {
  address: string;
  label: string;
  family: Family | null;
  line: LineSettings;
  login: string | null;
  /** Undefined: leave the stored one as it is. */
  password: string | null | undefined;
}

const SPEEDS = ['9600', '19200', '38400', '57600', '115200', '230400', '460800', '921600', '1500000'];
const DATA_BITS = [5, 6, 7, 8] as const;
const STOP_BITS = [1, 1.5, 2] as const;

/** Where a unit can be attached: its address, what to expect there, how to talk. */
export function PortForm(props: {
  initial?: PortView;
  busy: boolean;
  failure: FailureWords | null;
  submitLabel: string;
  onSubmit: (values: PortFormValues) => void;
}) {
  const { initial } = props;
  const [format, setFormat] = useState(false);
  const form = useForm({
    initialValues: {
      address: initial?.address ?? '',
      label: initial?.label ?? '',
      family: initial?.family ?? ('auto' as const),
      line: initial?.line ?? DEFAULT_LINE,
      login: initial?.login ?? '',
      password: '',
    },
    validate: {
      address: (value) => (value.trim() ? null : 'Where is it? For example /dev/ttyUSB0.'),
      label: (value) => (value.trim().length <= 60 ? null : 'At most 60 characters.'),
    },
  });
  const { values } = form;
  const submit = (done: typeof values) =>
    props.onSubmit({
      address: done.address.trim(),
      label: done.label.trim(),
      family: done.family === 'auto' ? null : done.family,
      line: done.line,
      login: done.login.trim() || null,
      password:
        done.password === '' ? (initial?.hasPassword && done.login.trim() ? undefined : null) : done.password,
    });

  return (
    <form className={forms.form} onSubmit={form.onSubmit(submit)} noValidate>
      <TextInput
        label="Address"
        description="A path such as /dev/ttyUSB0 or /dev/serial/by-id/…, or tcp:127.0.0.1:5556"
        placeholder="/dev/ttyUSB0"
        classNames={{ input: 'rb-mono' }}
        spellCheck={false}
        disabled={initial !== undefined}
        data-autofocus
        {...form.getInputProps('address')}
      />
      <TextInput
        label="Name on the bench"
        description="What is written on the cable. Empty: the address."
        placeholder="Hub A · 1"
        {...form.getInputProps('label')}
      />
      <div>
        <div className={classes.label} id="port-family">
          What is connected
        </div>
        <SegmentedControl
          fullWidth
          aria-labelledby="port-family"
          data={[
            { value: 'auto', label: 'Work it out' },
            { value: 'at', label: 'Phone or modem' },
            { value: 'console', label: 'Console' },
          ]}
          {...form.getInputProps('family')}
        />
      </div>
      {values.family === 'at' ? null : (
        <div className={classes.pair}>
          <TextInput
            label="Login"
            description="For a console that asks"
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('login')}
          />
          <PasswordInput
            label="Password"
            description={initial?.hasPassword ? 'One is stored; type to replace it' : 'Stored encrypted'}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
        </div>
      )}
      <Button
        variant="subtle"
        className={classes.more}
        leftSection={<IconAdjustments size={20} aria-hidden />}
        aria-expanded={format}
        onClick={() => setFormat(!format)}
      >
        Speed and format: {values.line.baudRate} {values.line.dataBits}
        {values.line.parity === 'none' ? 'N' : values.line.parity === 'even' ? 'E' : 'O'}
        {values.line.stopBits}
      </Button>
      {format ? (
        <div className={classes.grid}>
          <NumberInput
            label="Speed (baud)"
            min={50}
            max={4_000_000}
            list="speeds"
            {...form.getInputProps('line.baudRate')}
          />
          <datalist id="speeds">
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed} />
            ))}
          </datalist>
          <Select
            label="Data bits"
            data={DATA_BITS.map(String)}
            value={String(values.line.dataBits)}
            onChange={(value) =>
              form.setFieldValue('line.dataBits', DATA_BITS.find((bits) => String(bits) === value) ?? 8)
            }
          />
          <Select
            label="Parity"
            data={[
              { value: 'none', label: 'None' },
              { value: 'even', label: 'Even' },
              { value: 'odd', label: 'Odd' },
            ]}
            {...form.getInputProps('line.parity')}
          />
          <Select
            label="Stop bits"
            data={STOP_BITS.map(String)}
            value={String(values.line.stopBits)}
            onChange={(value) =>
              form.setFieldValue('line.stopBits', STOP_BITS.find((bits) => String(bits) === value) ?? 1)
            }
          />
          <Select
            label="Flow control"
            data={[
              { value: 'none', label: 'None' },
              { value: 'rtscts', label: 'RTS/CTS' },
              { value: 'xonxoff', label: 'XON/XOFF' },
            ]}
            {...form.getInputProps('line.flow')}
          />
        </div>
      ) : null}
      <ErrorNotice failure={props.failure} />
      <Button type="submit" data-size="lg" loading={props.busy}>
        {props.submitLabel}
      </Button>
    </form>
  );
}
