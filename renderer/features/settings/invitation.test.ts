import { describe, expect, it } from 'vitest';
import { readInvitation } from './invitation.ts';

describe('what a text says about a hub', () => {
  it.each([
    ['https://hub.example:7420', { url: 'https://hub.example:7420' }],
    ['ABCD-EFGH-JKLM-2345', { code: 'ABCD-EFGH-JKLM-2345' }],
    ['abcd efgh jklm 2345 ', { code: 'ABCD EFGH JKLM 2345' }],
    [
      'repairbench hub enrol http://127.0.0.1:7420 ABCD-EFGH-JKLM-2345',
      { url: 'http://127.0.0.1:7420', code: 'ABCD-EFGH-JKLM-2345' },
    ],
  ])('%s', (text, said) => expect(readInvitation(text)).toEqual(said));

  it.each([
    'R58T90KKL21',
    '356938035643809',
    'B2-17',
    'C02XK1ZZJGH5ABCD',
    '',
    'ABCD-EFGH-JKLM-23456',
    'hub.example:7420',
  ])('nothing: %s', (text) => expect(readInvitation(text)).toBeNull());
});
