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
import { LOG_PAGE, type LogLine, logPage, pageBefore } from './logPage.ts';

const ROW = 22;
/** What is shown before a hit, so that its circumstances are seen. */
const CONTEXT = 8 * 1024;

interface Place {
  readonly offset: number;
  /** Byte offset of the line to bring into view. */
  readonly line: number | null;
}

/** A log of any size: read in pieces, searched on the station. */
export function LogViewer({ artifact, onClose }: { artifact: Artifact; onClose: () => void }) {
  const { client } = useStation();
  const [place, setPlace] = useState<Place>({ offset: 0, line: null });
  const page = useQuery({
    queryKey: ['artifact', artifact.id, 'page', place.offset],
    queryFn: async ({ signal }) => {
      if (artifact.size === 0) return logPage(new Uint8Array(), 0, { atLineStart: true, eof: true });
      const { bytes, eof } = await client.artifacts.read(
        { id: artifact.id, offset: place.offset, length: LOG_PAGE },
        { signal },
      );
      return logPage(new Uint8Array(await bytes.arrayBuffer()), place.offset, {
        atLineStart: place.offset === 0,
        eof,
      });
    },
    gcTime: 60_000,
  });
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
          onHit={(hit) => setPlace({ offset: Math.max(0, hit.offset - CONTEXT), line: hit.offset })}
        />
        <div className={classes.reading}>
          {page.error ? <ErrorNotice failure={asFailure(page.error)} /> : null}
          {page.isPending && !page.error ? <Waiting what="Reading the log" /> : null}
          {page.data ? <Lines lines={page.data.lines} marked={place.line} /> : null}
          <div className={classes.pager}>
            <Button
              variant="default"
              data-size="compact"
              disabled={place.offset === 0}
              leftSection={<IconArrowLeft size={18} aria-hidden />}
              onClick={() => setPlace({ offset: pageBefore(place.offset), line: null })}
            >
              Back
            </Button>
            <span className="rb-dim rb-figures">
              at {formatBytesOf(Math.min(place.offset, artifact.size), artifact.size)}
            </span>
            <Button
              variant="default"
              data-size="compact"
              disabled={!page.data || page.data.next === null}
              rightSection={<IconArrowRight size={18} aria-hidden />}
              onClick={() => {
                const next = page.data?.next;
                // A page starts at a line's start; one byte earlier holds the line break that shows it.
                if (next) setPlace({ offset: next - 1, line: next });
              }}
            >
              On
            </Button>
          </div>
        </div>
      </div>
    </Modal>
  );
}

function Lines({ lines, marked }: { lines: LogLine[]; marked: number | null }) {
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const at = marked === null ? -1 : lines.findIndex(({ offset }) => offset === marked);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'center' });
    else rows.scrollToOffset(0);
  }, [rows, at]);
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

function Search({ artifact, onHit }: { artifact: Artifact; onHit: (hit: SearchHit) => void }) {
  const [query, setQuery] = useState('');
  const [regex, setRegex] = useState(false);
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [hits, setHits] = useState<SearchHit[]>([]);
  const search = useAction(
    (client, fromLine: number) =>
      client.artifacts.search({
        id: artifact.id,
        query: query.trim(),
        regex,
        caseSensitive,
        fromLine,
        limit: 200,
      }),
    {
      onDone: (found, fromLine) =>
        setHits((before) => (fromLine === 1 ? found.hits : [...before, ...found.hits])),
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (query.trim()) search.run(1);
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
      {next === null ? null : (
        <Button variant="default" data-size="compact" loading={search.busy} onClick={() => search.run(next)}>
          Search on
        </Button>
      )}
    </search>
  );
}
