import { IconCircle, IconMinus } from '@tabler/icons-react';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { PhaseResult, RunView } from '../../../shared/model/runs.ts';
import { useAnswer } from '../../data/answers.ts';
import { asFailure } from '../../data/failures.ts';
import { useAction, useRun } from '../../data/queries.ts';
import { Disclosure } from '../../ui/Disclosure.tsx';
import { formatDuration, formatValue } from '../../ui/format.ts';
import { type Look, outcomeLook } from '../../ui/looks.ts';
import { MeasurementTable } from '../../ui/MeasurementBar.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { ProgressLine } from '../../ui/ProgressLine.tsx';
import { PromptForm } from '../../ui/PromptForm.tsx';
import { StopRun } from '../../ui/StopRun.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { sentence } from '../../ui/words.ts';
import classes from './Runs.module.css';

/** One run: what it does now, what it measured, what each phase came to. */
export function RunDetail({ id, view, doing }: { id: string; view: CaseView; doing: boolean }) {
  const query = useRun(id);
  if (query.error) return <ErrorNotice failure={asFailure(query.error)} />;
  if (!query.data) return <Waiting what="Reading the run" />;
  const run = query.data;
  const measurements = run.phases.flatMap((phase) =>
    phase.measurements.map((measurement) => ({ ...measurement, id: `${phase.id}/${measurement.id}` })),
  );
  const limited = measurements.filter(({ ok }) => ok !== null);
  const free = measurements.filter(({ ok }) => ok === null);
  return (
    <div className={classes.detail}>
      {run.state === 'running' ? <Live run={run} view={view} doing={doing} /> : null}
      {run.message && run.state === 'ended' ? (
        <Notice tone={outcomeLook(run.outcome).tone} title={run.message} />
      ) : null}
      {limited.length > 0 ? (
        <>
          <p className={classes.legend} aria-hidden>
            <span className={classes.band} /> within limits
            <span className={classes.marker} data-tone="passed" /> this unit
            <span className={classes.marker} data-tone="failed" /> this unit, out of limits
          </p>
          <MeasurementTable
            measurements={limited}
            caption={`Measurements of ${run.procedureTitle} against their limits`}
          />
        </>
      ) : null}
      <ol className={classes.phases} aria-label="Phases">
        {run.phases.map((phase) => (
          <Phase key={phase.id} phase={phase} />
        ))}
      </ol>
      <Disclosure title="Everything it read">
        <Values phases={run.phases} />
        {free.length > 0 ? (
          <MeasurementTable measurements={free} caption="Measurements without limits" />
        ) : null}
        <p className={classes.foot}>
          Procedure {run.procedureId}, version {run.procedureVersion},{' '}
          <span className="rb-mono">{run.procedureHash.slice(0, 16)}…</span> · program {run.programVersion} ·
          run <span className="rb-mono">{run.id}</span>
        </p>
      </Disclosure>
    </div>
  );
}

function Live({ run, view, doing }: { run: RunView; view: CaseView; doing: boolean }) {
  const answer = useAnswer({ runId: run.id, caseId: view.id, prompt: run.prompt });
  const stop = useAction((client, id: string) => client.runs.abort({ id }));
  return (
    <>
      {run.progress ? <ProgressLine progress={run.progress} /> : null}
      {run.prompt && doing ? <PromptForm key={run.prompt.id} prompt={run.prompt} {...answer} /> : null}
      {doing ? (
        <StopRun
          runId={run.id}
          wipe={run.kind === 'wipe'}
          busy={stop.busy}
          failure={stop.failure}
          onStop={(id) => stop.run(id)}
        />
      ) : null}
    </>
  );
}

const PENDING: Look = { tone: 'ghost', word: 'To come', icon: IconCircle };
const SKIPPED: Look = { tone: 'ghost', word: 'Left out', icon: IconMinus };

function Phase({ phase }: { phase: PhaseResult }) {
  const look =
    phase.state === 'pending' ? PENDING : phase.state === 'skipped' ? SKIPPED : outcomeLook(phase.outcome);
  const Icon = look.icon;
  return (
    <li className={classes.phase} data-tone={look.tone}>
      <span className={classes.phaseIcon}>
        <Icon size={20} stroke={2.1} role="img" aria-label={look.word} />
      </span>
      <span>
        {phase.title}
        {phase.section === 'main' ? null : (
          <span className="rb-dim"> · {phase.section === 'setup' ? 'before' : 'afterwards'}</span>
        )}
        {phase.message ? <span className={classes.message}> · {phase.message}</span> : null}
      </span>
      <span className="rb-dim rb-figures">
        {phase.durationMs === null
          ? phase.state === 'skipped'
            ? 'skipped'
            : ''
          : phase.durationMs < 1000
            ? `${Math.round(phase.durationMs)} ms`
            : formatDuration(phase.durationMs / 1000)}
      </span>
    </li>
  );
}

function Values({ phases }: { phases: PhaseResult[] }) {
  const values = phases.flatMap((phase) =>
    Object.entries(phase.values).map(([name, value]) => ({ key: `${phase.id}/${name}`, name, value })),
  );
  if (values.length === 0) return null;
  return (
    <dl className={classes.values}>
      {values.map(({ key, name, value }) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{sentence(name)}</dt>
          <dd className="rb-mono">{formatValue(value, null)}</dd>
        </div>
      ))}
    </dl>
  );
}
