import { Tabs } from '@mantine/core';
import { IconBuildingWarehouse, IconKey, IconPlug, IconSunMoon, IconUsers } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../../ui/Page.tsx';
import { Appearance } from './Appearance.tsx';
import { MyPin } from './MyPin.tsx';
import { People } from './People.tsx';
import { Ports } from './Ports.tsx';
import classes from './Settings.module.css';
import { Station } from './Station.tsx';
import { SettingsSearch } from './search.ts';

const TITLES = [
  { tab: 'station', title: 'Station', icon: IconBuildingWarehouse },
  { tab: 'ports', title: 'Ports', icon: IconPlug },
  { tab: 'people', title: 'People', icon: IconUsers },
  { tab: 'pin', title: 'My PIN', icon: IconKey },
  { tab: 'look', title: 'Appearance', icon: IconSunMoon },
] as const;

export function Settings() {
  const { tab = 'station' } = useSearch({ from: '/shell/settings' });
  const navigate = useNavigate();
  return (
    <Page title="Settings">
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ to: '/settings', search: SettingsSearch.parse({ tab: next }), replace: true })
        }
        keepMounted={false}
        classNames={{ tab: classes.tab, list: classes.tabs, panel: classes.panel }}
      >
        <Tabs.List>
          {TITLES.map(({ tab: value, title, icon: Icon }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Icon size={20} aria-hidden />}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="station">
          <Station />
        </Tabs.Panel>
        <Tabs.Panel value="ports">
          <Ports />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="pin">
          <MyPin />
        </Tabs.Panel>
        <Tabs.Panel value="look">
          <Appearance />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
