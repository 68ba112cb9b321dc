/** Longest name kept, in UTF-16 units. */
const LONGEST = 200;
/** Names that Windows gives to devices, with or without an extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * A name that people can read and that stays a name wherever it is saved: no separators, no control or
 * invisible direction characters, no leading or trailing dots and spaces. Never used as a path here.
 */
export function tidyName(name: string): string {
  const tidy = name
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\\/:*?"<>|\ufffd\p{Cs}]+/gu, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const named = tidy === '' ? 'unnamed' : RESERVED.test(tidy) ? `_${tidy}` : tidy;
  return cut(named).replace(/[. ]+$/, '');
}

/** Keeps the extension, and no half character. */
function cut(name: string): string {
  if (name.length <= LONGEST) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, LONGEST - extension.length);
  const last = stem.charCodeAt(stem.length - 1);
  return (last >= 0xd800 && last <= 0xdbff ? stem.slice(0, -1) : stem) + extension;
}
