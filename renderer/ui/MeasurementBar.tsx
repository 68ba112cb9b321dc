import { IconCircleCheck, IconCircleX, IconMinus } from '@tabler/icons-react';
import type { Measurement } from '../../shared/model/runs.ts';
import { formatValue } from './format.ts';
import classes from './MeasurementBar.module.css';
import { barGeometry, limitText } from './measurement.ts';

function Verdict({ ok }: { ok: boolean | null }) {
  if (ok === null) return <IconMinus size={20} role="img" aria-label="nothing demanded" className="rb-dim" />;
  return ok ? (
    <span data-tone="passed" className={classes.verdict}>
      <IconCircleCheck size={22} stroke={2.2} role="img" aria-label="within limits" />
    </span>
  ) : (
    <span data-tone="failed" className={classes.verdict}>
      <IconCircleX size={22} stroke={2.2} role="img" aria-label="out of limits" />
    </span>
  );
}

/** Where the value stands against its limit band; the figures stand beside it in the table. */
function Bar({ measurement }: { measurement: Measurement }) {
  const geometry = barGeometry(measurement);
  if (!geometry) return null;
  return (
    <div className={classes.bar} aria-hidden data-tone={measurement.ok === false ? 'failed' : 'passed'}>
      <div
        className={classes.band}
        style={{ left: `${geometry.bandStart}%`, width: `${geometry.bandEnd - geometry.bandStart}%` }}
      />
      <div className={classes.marker} style={{ left: `${geometry.marker}%` }} />
    </div>
  );
}

/** Measurements as pictures with their figures, out-of-limits ones first to the eye. */
export function MeasurementTable({
  measurements,
  caption,
}: {
  measurements: Measurement[];
  caption: string;
}) {
  return (
    <table className={classes.table}>
      <caption className="rb-sr">{caption}</caption>
      <thead className="rb-sr">
        <tr>
          <th scope="col">Measurement</th>
          <th scope="col">Value</th>
          <th scope="col">Limit</th>
          <th scope="col">Picture</th>
          <th scope="col">Within limits</th>
        </tr>
      </thead>
      <tbody>
        {measurements.map((measurement) => (
          <tr key={measurement.id} data-bad={measurement.ok === false || undefined}>
            <th scope="row">
              {measurement.title}
              {measurement.source ? <span className={classes.source}>{measurement.source}</span> : null}
            </th>
            <td className={`${classes.value} rb-figures`}>
              {formatValue(measurement.value, measurement.unit)}
            </td>
            <td className={`${classes.limit} rb-figures`}>{limitText(measurement)}</td>
            <td className={classes.picture}>
              <Bar measurement={measurement} />
            </td>
            <td className={classes.ok}>
              <Verdict ok={measurement.ok} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
