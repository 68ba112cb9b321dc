import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Artifact, SearchHit } from '../../../shared/model/evidence.ts';
import { asFailure } from '../../data/failures.ts';
import { useAction } from '../../data/queries.ts';
import { useStation } from '../../data/station.tsx';
import { formatBytes, formatBytesOf, formatCount, visibleText } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import classes from './LogViewer.module.css';
import {
  FIRST_PAGE,
  type LogLine,
  type LogPlace,
  logPage,
  pageAfter,
  pageAround,
  pageBefore,
  pageLength,
} from './logPage.ts';

const ROW = 22;

/** A log of any size: read in pieces, searched on the station. */
export function LogViewer({ artifact, onClose }: { artifact: Artifact; onClose: () => void }) {
  const { client } = useStation();
  const [place, setPlace] = useState<LogPlace>(FIRST_PAGE);
  /** Byte offset of the line that was searched for. */
  const [hit, setHit] = useState<number | null>(null);
  const page = useQuery({
    queryKey: ['artifact', artifact.id, 'page', place.from, place.to],
    queryFn: async ({ signal }) => {
      if (artifact.size === 0) return logPage(new Uint8Array(), place, true);
      const bytes = await client.artifacts.read(
        { id: artifact.id, offset: place.from, length: pageLength(place) },
        { signal },
      );
      return logPage(
        new Uint8Array(await bytes.arrayBuffer()),
        place,
        place.from + bytes.size >= artifact.size,
      );
    },
    gcTime: 60_000,
  });
  const turn = (to: LogPlace | null) => {
    if (!to) return;
    setHit(null);
    setPlace(to);
  };
  const before = page.data ? pageBefore(page.data) : null;
  const after = page.data ? pageAfter(page.data) : null;
  return (
    <Modal
      opened
      onClose={onClose}
      title={artifact.name}
      size="min(1400px, 96vw)"
      classNames={{ body: classes.body }}
    >
      <div className={classes.frame}>
        <Search
          artifact={artifact}
          onHit={({ offset }) => {
            setHit(offset);
            setPlace(pageAround(offset));
          }}
        />
        <div className={classes.reading}>
          {page.error ? <ErrorNotice failure={asFailure(page.error)} /> : null}
          {page.isPending && !page.error ? <Waiting what="Reading the log" /> : null}
          {page.data ? (
            // Another page starts with a scroll position of its own.
            <Lines
              key={`${place.from}-${place.to}-${hit}`}
              lines={page.data.lines}
              hit={hit}
              fromEnd={place.to !== null}
            />
          ) : null}
          <div className={classes.pager}>
            <Button
              variant="default"
              data-size="compact"
              disabled={before === null}
              leftSection={<IconArrowLeft size={18} aria-hidden />}
              onClick={() => turn(before)}
            >
              Back
            </Button>
            <span className="rb-dim rb-figures">
              at {formatBytesOf(page.data?.start ?? place.from, artifact.size)}
            </span>
            <Button
              variant="default"
              data-size="compact"
              disabled={after === null}
              rightSection={<IconArrowRight size={18} aria-hidden />}
              onClick={() => turn(after)}
            >
              On
            </Button>
          </div>
        </div>
      </div>
    </Modal>
  );
}

/** `hit`: the line to bring into view. `fromEnd`: read backwards, so that the last line comes first. */
function Lines({ lines, hit, fromEnd }: { lines: LogLine[]; hit: number | null; fromEnd: boolean }) {
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const at = hit === null ? -1 : lines.findIndex(({ offset }) => offset === hit);
  const shown = at >= 0 ? at : fromEnd ? lines.length - 1 : 0;
  useEffect(() => {
    if (lines.length > 0) rows.scrollToIndex(shown, { align: at >= 0 ? 'center' : 'auto' });
  }, [rows, lines, shown, at]);
  const widest = lines.reduce((most, { text }) => Math.max(most, text.length), 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is scrolled with the keyboard
    <section ref={scroll} className={classes.lines} aria-label="Log" tabIndex={0}>
      <div style={{ height: rows.getTotalSize(), width: `max(100%, ${widest + 2}ch)`, position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div
              key={line.offset}
              className={classes.line}
              data-hit={index === at || undefined}
              style={{ transform: `translateY(${start}px)`, height: ROW }}
            >
              {line.text}
              {line.cut ? '…' : ''}
            </div>
          );
        })}
      </div>
    </section>
  );
}

interface Asked {
  readonly query: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

function Search({ artifact, onHit }: { artifact: Artifact; onHit: (hit: SearchHit) => void }) {
  const [query, setQuery] = useState('');
  const [regex, setRegex] = useState(false);
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [hits, setHits] = useState<SearchHit[]>([]);
  /** What the hits are of: searching on goes on with this, whatever was typed since. */
  const [asked, setAsked] = useState<Asked | null>(null);
  const search = useAction(
    (client, { fromLine, ...wanted }: Asked & { fromLine: number }) =>
      client.artifacts.search({ id: artifact.id, ...wanted, fromLine, limit: 200 }),
    {
      onDone: (found, { fromLine }) =>
        setHits((before) => (fromLine === 1 ? found.hits : [...before, ...found.hits])),
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!query.trim()) return;
    const wanted = { query: query.trim(), regex, caseSensitive };
    setAsked(wanted);
    setHits([]);
    search.run({ ...wanted, fromLine: 1 });
  };
  const next = search.output?.nextLine ?? null;
  return (
    <search className={classes.search}>
      <form onSubmit={submit} className={classes.form}>
        <TextInput
          aria-label="Search this log"
          placeholder="Search"
          leftSection={<IconSearch size={20} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          maxLength={400}
          data-scan="submit"
          data-autofocus
        />
        <div className={classes.options}>
          <Checkbox
            label="Pattern"
            checked={regex}
            onChange={(event) => setRegex(event.currentTarget.checked)}
          />
          <Checkbox
            label="Match case"
            checked={caseSensitive}
            onChange={(event) => setCaseSensitive(event.currentTarget.checked)}
          />
          <Button type="submit" data-size="compact" loading={search.busy} disabled={!query.trim()}>
            Search
          </Button>
        </div>
      </form>
      <ErrorNotice failure={search.failure} />
      {search.output ? (
        <p role="status" className="rb-dim">
          {hits.length === 0
            ? 'Nothing found'
            : `${formatCount(hits.length)} ${hits.length === 1 ? 'line' : 'lines'}${next === null ? '' : ' so far'}`}{' '}
          in {formatBytes(search.output.scannedBytes)}
        </p>
      ) : null}
      <ul className={classes.hits} aria-label="Lines found">
        {hits.map((hit) => (
          <li key={hit.offset}>
            <button type="button" className={classes.hit} onClick={() => onHit(hit)}>
              <span className="rb-dim rb-figures">{formatCount(hit.line)}</span>
              <span className={classes.hitText}>{visibleText(hit.text)}</span>
            </button>
          </li>
        ))}
      </ul>
      {next === null || !asked ? null : (
        <Button
          variant="default"
          data-size="compact"
          loading={search.busy}
          onClick={() => search.run({ ...asked, fromLine: next })}
        >
          Search on
        </Button>
      )}
    </search>
  );
}
