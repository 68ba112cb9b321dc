import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconClipboardPlus, IconPlus, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useCanGoBack, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import { CASE_FLAGS, STATUSES } from '../../../shared/model/cases.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { casePageQuery, useHub } from '../../data/queries.ts';
import { useMe, useStation } from '../../data/station.tsx';
import { Chip, Chips } from '../../ui/Chip.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { formatCount } from '../../ui/format.ts';
import { openLooks } from '../../ui/hub.ts';
import { flagLook, statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { useSearchKey } from '../../ui/searchKey.ts';
import { Waiting } from '../../ui/Waiting.tsx';
import classes from './Cases.module.css';
import { CaseTable } from './CaseTable.tsx';
import { NewCase } from './NewCase.tsx';
import { CasesSearch, filterOf } from './search.ts';

const SORTS = [
  { value: 'changed', label: 'Last changed' },
  { value: 'promised', label: 'Promised date' },
  { value: 'priority', label: 'Priority' },
  { value: 'number', label: 'Number' },
];
const FLAGS = [
  { value: '', label: 'Any flag' },
  ...CASE_FLAGS.map((flag) => ({ value: flag, label: flagLook(flag).word })),
];

/** All cases: found fast, filtered, sorted. */
export function Cases() {
  const search = useSearch({ from: '/shell/cases' });
  const navigate = useNavigate();
  const { history } = useRouter();
  const canGoBack = useCanGoBack();
  const { client } = useStation();
  const me = useMe();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(search.text ?? '');
  useSearchKey(field, 'page');

  const change = (next: Partial<CasesSearch>) =>
    void navigate({ to: '/cases', search: { ...search, ...next }, replace: true });
  /** The words that the address holds because of this field. */
  const sent = useRef(text);
  const changeText = useDebouncedCallback((next: string) => {
    sent.current = next;
    change({ text: next || undefined });
  }, 200);
  const words = search.text ?? '';
  useEffect(() => {
    // A link, a scan or going back changed the words: the field shows what is searched for.
    if (words === sent.current) return;
    changeText.cancel();
    sent.current = words;
    setText(words);
  }, [words, changeText]);

  /** A case that was begun with a unit or a scan was begun elsewhere: giving it up leads back there. */
  const close = () => {
    if (canGoBack && (search.port || search.identifier)) history.back();
    else change({ open: undefined, port: undefined, identifier: undefined });
  };

  const filter = filterOf(search);
  const sort = search.sort ?? 'changed';
  const first = useQuery({ ...casePageQuery(client, filter, sort, 0), placeholderData: keepPreviousData });
  const counts = first.data?.counts ?? {};
  const open = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const mayOpen = can(me.role, contract.cases.open);
  const hub = useHub().data;
  const [conflicts] = hub ? openLooks(hub) : [];
  const filtered = search.text || search.show || search.flag;

  return (
    <Page
      fill
      title="Cases"
      actions={
        <>
          {conflicts ? (
            <Button
              component={Link}
              to="/cases/conflicts"
              variant="default"
              leftSection={<conflicts.icon size={20} aria-hidden />}
            >
              {conflicts.word}
            </Button>
          ) : null}
          {mayOpen ? (
            <Button leftSection={<IconPlus size={20} aria-hidden />} onClick={() => change({ open: 'new' })}>
              New case
            </Button>
          ) : null}
        </>
      }
    >
      <div className={classes.filters}>
        <div className={classes.fields}>
          <TextInput
            ref={field}
            type="search"
            maxLength={200}
            aria-label="Search cases"
            placeholder="Number, serial, IMEI, customer, model, fault"
            leftSection={<IconSearch size={20} aria-hidden />}
            className={classes.text}
            data-scan="fill"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              changeText(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown' || event.key === 'Enter')
                document.getElementById('case-grid')?.focus();
            }}
          />
          <Select
            aria-label="Flag"
            data={FLAGS}
            value={search.flag ?? ''}
            onChange={(value) => change({ flag: CasesSearch.shape.flag.parse(value || undefined) })}
            className={classes.select}
          />
          <Select
            aria-label="Sort by"
            data={SORTS}
            value={sort}
            onChange={(value) => change({ sort: CasesSearch.shape.sort.parse(value ?? undefined) })}
            className={classes.select}
          />
        </div>
        <Chips label="Filter by status">
          <Chip
            label="Open"
            on={search.show === undefined}
            onClick={() => change({ show: undefined })}
            count={open}
          />
          {STATUSES.filter((status) => (counts[status] ?? 0) > 0).map((status) => (
            <Chip
              key={status}
              label={statusLook(status).word}
              tone={statusLook(status).tone}
              on={search.show === status}
              onClick={() => change({ show: search.show === status ? undefined : status })}
              count={counts[status] ?? 0}
            />
          ))}
          <Chip label="All" on={search.show === 'all'} onClick={() => change({ show: 'all' })} />
        </Chips>
      </div>
      <div className={classes.list}>
        {first.error ? <ErrorNotice failure={asFailure(first.error)} /> : null}
        {first.isPending && !first.error ? <Waiting what="Reading cases" /> : null}
        {first.data && first.data.total === 0 ? (
          <Empty
            icon={IconClipboardPlus}
            title={filtered ? 'No case fits' : 'No open cases'}
            action={
              filtered ? (
                <Button
                  variant="default"
                  onClick={() => void navigate({ to: '/cases', search: {}, replace: true })}
                >
                  Clear search and filters
                </Button>
              ) : mayOpen ? (
                <Button data-size="lg" onClick={() => change({ open: 'new' })}>
                  Open a case
                </Button>
              ) : null
            }
          >
            {filtered
              ? 'Every word must occur in number, serial, IMEI, customer, model or fault.'
              : 'Scan a unit’s label, plug a unit in, or open a case for one that is announced.'}
          </Empty>
        ) : null}
        {first.data && first.data.total > 0 ? (
          <CaseTable filter={filter} sort={sort} total={first.data.total} />
        ) : null}
      </div>
      <p className={classes.footer} role="status">
        {first.data ? (
          <>
            <span className="rb-figures">{formatCount(first.data.total)}</span>{' '}
            {first.data.total === 1 ? 'case' : 'cases'}
          </>
        ) : null}
        <span className="rb-dim"> · arrows or j and k to move, Enter to open, / to search</span>
      </p>
      {search.open === 'new' && mayOpen ? (
        <NewCase portId={search.port ?? null} identifier={search.identifier ?? null} onClose={close} />
      ) : null}
    </Page>
  );
}
