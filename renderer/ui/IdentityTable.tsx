import { IconCircleCheck, IconCircleX, IconMinus } from '@tabler/icons-react';
import classes from './IdentityTable.module.css';

/** One identifier as three sources word it, and whether those that speak agree. */
export interface IdentityRow {
  id: string;
  title: string;
  unitSays: string | null;
  labelSays: string | null;
  caseSays: string | null;
  /** Null: fewer than two sources say anything, so there is nothing to compare. */
  same: boolean | null;
  /** Only the unit says it, at length: nothing beside it to compare with. */
  wide?: boolean;
}

function Agreement({ same }: { same: boolean | null }) {
  if (same === null) {
    return (
      <span className="rb-dim">
        <IconMinus size={18} aria-hidden /> <span className="rb-sr">nothing to compare</span>
      </span>
    );
  }
  return (
    <span className={classes.agreement} data-tone={same ? 'passed' : 'failed'}>
      {same ? (
        <IconCircleCheck size={20} stroke={2.2} aria-hidden />
      ) : (
        <IconCircleX size={20} stroke={2.2} aria-hidden />
      )}
      {same ? 'same' : 'differs'}
    </span>
  );
}

function Said({ text }: { text: string | null }) {
  return <td className="rb-mono">{text ?? <span className="rb-dim">–</span>}</td>;
}

/** Identity is a comparison: what the unit says, what the label says, what the case says. */
export function IdentityTable({ rows, caption }: { rows: IdentityRow[]; caption: string }) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <caption className="rb-sr">{caption}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Unit says</th>
            <th scope="col">Label says</th>
            <th scope="col">Case says</th>
            <th scope="col">Same?</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-bad={row.same === false || undefined}>
              <th scope="row">{row.title}</th>
              {row.wide ? (
                <td className="rb-mono" colSpan={4}>
                  {row.unitSays}
                </td>
              ) : (
                <>
                  <Said text={row.unitSays} />
                  <Said text={row.labelSays} />
                  <Said text={row.caseSays} />
                  <td>
                    <Agreement same={row.same} />
                  </td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
