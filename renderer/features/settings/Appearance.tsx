import { SegmentedControl, Switch, useMantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import forms from '../../ui/forms.module.css';
import { Panel } from '../../ui/Panel.tsx';
import { slashKey } from '../../ui/searchKey.ts';

const SCHEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'As the system' },
];

/** How it looks on this machine. */
export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [slash, setSlash] = useState(slashKey.get());
  return (
    <Panel title="Appearance" aside="for this machine">
      <div className={forms.form}>
        <SegmentedControl
          aria-label="Colours"
          data={SCHEMES}
          value={colorScheme}
          onChange={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
        />
        <Switch
          label="/ jumps to the search (Ctrl+K always does)"
          checked={slash}
          onChange={(event) => {
            setSlash(event.currentTarget.checked);
            slashKey.set(event.currentTarget.checked);
          }}
        />
      </div>
    </Panel>
  );
}
