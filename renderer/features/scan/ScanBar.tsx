import { Button, Loader, TextInput } from '@mantine/core';
import { IconBarcode } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import { classifyIdentifier } from '../../../shared/identity/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { can } from '../../data/can.ts';
import { keys } from '../../data/keys.ts';
import { useAction } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { useAnnounce } from '../../ui/announce.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { useSearchKey } from '../../ui/searchKey.ts';
import { unitName } from '../../ui/words.ts';
import { type Resolution, resolveScan } from './resolve.ts';
import classes from './scan.module.css';

type Open = { text: string; resolution: Exclude<Resolution, { kind: 'case' }> };

/** The front door of every screen: what is scanned or typed here leads to its case, unit or a new case. */
export function ScanBar() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const announce = useAnnounce();
  const mayOpen = can(useMe().role, contract.cases.open);
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [open, setOpen] = useState<Open | null>(null);
  useSearchKey(field, 'anywhere');

  const find = useAction((client, scanned: string) => client.cases.find({ text: scanned }), {
    onDone: (found, scanned) => {
      const resolution = resolveScan(scanned, found, cache.getQueryData<PortView[]>(keys.ports) ?? []);
      if (resolution.kind !== 'case') {
        setOpen({ text: scanned, resolution });
        return;
      }
      goToCase(resolution.summary.id);
      announce(`Case ${resolution.summary.number}`);
    },
  });

  function close(): void {
    setOpen(null);
    setText('');
  }

  function goToCase(caseId: string): void {
    close();
    field.current?.blur();
    void navigate({ to: '/cases/$caseId', params: { caseId } });
  }

  function goToCases(search: {
    open?: 'new';
    port?: string;
    identifier?: string;
    text?: string;
    show?: 'all';
  }): void {
    close();
    void navigate({ to: '/cases', search });
  }

  const look = (scanned: string) => {
    const trimmed = scanned.trim().slice(0, 200);
    if (trimmed === '') return;
    setText(trimmed);
    find.run(classifyIdentifier(trimmed).value);
  };
  useScanTarget((scanned) => {
    look(scanned);
    return true;
  }, 'page');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    look(text);
  };

  return (
    <search className={classes.bar}>
      <form onSubmit={submit}>
        <TextInput
          ref={field}
          aria-label="Scan or type a case number, serial number or IMEI"
          placeholder="Scan anywhere: case, serial number, IMEI"
          leftSection={<IconBarcode size={24} aria-hidden />}
          rightSection={find.busy ? <Loader size={20} /> : null}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            if (find.failure) find.clear();
          }}
          classNames={{ input: classes.input }}
          vars={() => ({ wrapper: { '--input-height': '52px', '--input-fz': '17px' }, input: {} })}
          data-scan="elsewhere"
          spellCheck={false}
          autoComplete="off"
        />
      </form>
      {find.failure ? (
        <div className={classes.failure}>
          <ErrorNotice failure={find.failure} />
        </div>
      ) : null}
      {open ? (
        <Dialog title={titleOf(open)} onClose={close} size="lg">
          {open.resolution.kind === 'choice' ? (
            <ul className={classes.choices}>
              {open.resolution.found.map((summary) => (
                <li key={summary.id}>
                  <button type="button" className={classes.choice} onClick={() => goToCase(summary.id)}>
                    <span className={classes.number}>{summary.number}</span>
                    <StatePill look={statusLook(summary.status)} size="sm" />
                    <span className={classes.what}>
                      {[summary.model, summary.customer, summary.fault].filter(Boolean).join(' · ')}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          ) : null}
          {open.resolution.kind === 'port' ? (
            <p>
              The unit is connected to <strong>{open.resolution.port.label}</strong>:{' '}
              {unitName(open.resolution.port.identity) ?? 'model not known'}.
            </p>
          ) : null}
          {open.resolution.kind === 'unknown' ? (
            <p>No case and no unit on this bench has this number.</p>
          ) : null}
          {open.resolution.kind === 'choice' ? null : (
            <div className={classes.actions}>
              {mayOpen ? (
                <Button
                  data-size="lg"
                  data-autofocus
                  onClick={() =>
                    goToCases({
                      open: 'new',
                      ...(open.resolution.kind === 'port'
                        ? { port: open.resolution.port.id }
                        : { identifier: open.text }),
                    })
                  }
                >
                  {open.resolution.kind === 'port' ? 'Open a case for this unit' : 'Open a case for it'}
                </Button>
              ) : null}
              {open.resolution.kind === 'unknown' ? (
                <Button
                  variant="default"
                  data-size="lg"
                  onClick={() => goToCases({ text: open.text, show: 'all' })}
                >
                  Search all cases
                </Button>
              ) : null}
            </div>
          )}
        </Dialog>
      ) : null}
    </search>
  );
}

const titleOf = ({ text, resolution }: Open): string =>
  resolution.kind === 'choice'
    ? `Several cases know ${text}`
    : resolution.kind === 'port'
      ? `${text} has no case yet`
      : `Nothing known as ${text}`;
