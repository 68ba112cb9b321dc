/** Commands without a parameter that only read, besides every `?` and `=?` form. */
const READING = new Set([
  '+CGMI',
  '+CGMM',
  '+CGMR',
  '+CGSN',
  '+GMI',
  '+GMM',
  '+GMR',
  '+GSN',
  '+CIMI',
  '+CSQ',
  '+CBC',
  '+CCID',
  '+CESQ',
  '+CPAS',
  '+CEER',
  '+DEVCONINFO',
  '+IMEINUM',
  '+SWVER',
  '+HWVER',
]);

/** Commands with parameters that only read: 27.007's serial numbers, and makers' own. */
const READING_WITH_PARAMETERS =
  /^(\+CGSN=[0-3]|\+GSN=[0-3]|\+EGMR=0,\d{1,2}|\+SERIALNO=1,0|\+VERSNAME=3,2,3|\+REACTIVE=1,0,0|\+SVCIFPGM=1,4)$/i;

/** Everything an AT command line may hold: printable ASCII. */
const PRINTABLE = /^[\x20-\x7e]{2,200}$/;

/**
 * Whether a command line only reads: 27.007's test (`=?`) and read (`?`) forms, `AT`, `ATI`, and the reading
 * commands known by name. Commands joined with `;` must all read.
 */
export function isReadOnly(command: string): boolean {
  if (!PRINTABLE.test(command) || !/^AT/i.test(command)) return false;
  const rest = command.slice(2).trim();
  if (/^(I\d?)?$/i.test(rest)) return true;
  return rest.split(';').every((part) => {
    const one = part.trim().toUpperCase();
    if (/^[+^%#$*][A-Z0-9_]+(\?|=\?)$/.test(one)) return true;
    return READING.has(one) || READING_WITH_PARAMETERS.test(one);
  });
}
