import { describe, expect, it } from 'vitest';
import { withoutKernel } from '../../station/protocols/console/words.ts';
import { seededRandom } from '../cable.ts';
import { KernelChatter } from './kernel-messages.ts';

describe('kernel messages', () => {
  it('land anywhere in the output and lose none of it', () => {
    const chatter = new KernelChatter(seededRandom(3), 50);
    const output = Buffer.from('0123456789'.repeat(200));
    let wire = '';
    for (let at = 0; at < output.length; at += 37) {
      wire += Buffer.from(chatter.mixInto(output.subarray(at, at + 37))).toString('latin1');
    }
    expect(wire.match(/\[ {0,6}\d+\.\d{6}\] [^\n]+\r\n/g)?.length).toBeGreaterThan(20);
    expect(withoutKernel(wire)).toBe(output.toString());
  });

  it('are the same for the same seed', () => {
    const said = () =>
      Buffer.from(new KernelChatter(seededRandom(9), 20).mixInto(Buffer.alloc(500, 'x'))).toString();
    expect(said()).toBe(said());
  });
});
