import { Button, Loader, Modal, TextInput } from '@mantine/core';
import { IconBarcode } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { classifyIdentifier } from '../../../shared/identity/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { keys } from '../../data/keys.ts';
import { useAction } from '../../data/queries.ts';
import { useAnnounce } from '../../ui/announce.tsx';
import { statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useSearchKey } from '../../ui/searchKey.ts';
import { unitName } from '../../ui/words.ts';
import { type Resolution, resolveScan } from './resolve.ts';
import classes from './scan.module.css';
import { useWedge } from './useWedge.ts';

type Open = { text: string; resolution: Exclude<Resolution, { kind: 'case' }> };

/** The front door of every screen: what is scanned or typed here leads to its case, unit or a new case. */
export function ScanBar() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const announce = useAnnounce();
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

  const look = (scanned: string) => {
    const trimmed = scanned.trim().slice(0, 200);
    if (trimmed === '') return;
    setText(trimmed);
    find.run(classifyIdentifier(trimmed).value);
  };
  useWedge(look);

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
          data-scan="submit"
          spellCheck={false}
          autoComplete="off"
        />
      </form>
      {find.failure ? (
        <div className={classes.failure}>
          <ErrorNotice failure={find.failure} />
        </div>
      ) : null}
      <Modal opened={open !== null} onClose={close} title={open ? titleOf(open) : ''} size="lg">
        {open?.resolution.kind === 'choice' ? (
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
        {open?.resolution.kind === 'port' ? (
          <PortFound
            port={open.resolution.port}
            onOpenCase={(portId) => {
              close();
              void navigate({ to: '/cases', search: { open: 'new', port: portId } });
            }}
          />
        ) : null}
        {open?.resolution.kind === 'unknown' ? (
          <div className={classes.unknown}>
            <p>No case and no unit on this bench has this number.</p>
            <div className={classes.actions}>
              <Button
                data-size="lg"
                data-autofocus
                onClick={() => {
                  const scanned = open.text;
                  close();
                  void navigate({ to: '/cases', search: { open: 'new', identifier: scanned } });
                }}
              >
                Open a case for it
              </Button>
              <Button
                variant="default"
                data-size="lg"
                onClick={() => {
                  const scanned = open.text;
                  close();
                  void navigate({ to: '/cases', search: { text: scanned } });
                }}
              >
                Search all cases
              </Button>
            </div>
          </div>
        ) : null}
      </Modal>
    </search>
  );
}

const titleOf = ({ text, resolution }: Open): string =>
  resolution.kind === 'choice'
    ? `Several cases know ${text}`
    : resolution.kind === 'port'
      ? `${text} has no case yet`
      : `Nothing known as ${text}`;

function PortFound({ port, onOpenCase }: { port: PortView; onOpenCase: (portId: string) => void }) {
  return (
    <div className={classes.unknown}>
      <p>
        The unit hangs on <strong>{port.label}</strong>: {unitName(port.identity) ?? 'model not known'}.
      </p>
      <div className={classes.actions}>
        <Button data-size="lg" data-autofocus onClick={() => onOpenCase(port.id)}>
          Open a case for this unit
        </Button>
      </div>
    </div>
  );
}
