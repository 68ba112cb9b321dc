import { describe, expect, it } from 'vitest';
import { createScanRegistry } from './scanTargets.tsx';

/** A registry whose targets say who was asked. */
function registry() {
  const { add, offer } = createScanRegistry();
  const asked: string[] = [];
  const target = (name: string, takes: boolean) => () => {
    asked.push(name);
    return takes;
  };
  return { add, offer, asked, target };
}

describe('who gets a scan', () => {
  it('the form before the dialog around it, whichever came first, and the page last', () => {
    const { add, offer, asked, target } = registry();
    add(target('page', true), 'page');
    add(target('form', false), 'form');
    add(target('dialog', false), 'dialog');
    expect(offer('B2-1', 'page')).toBe(true);
    expect(asked).toEqual(['form', 'dialog', 'page']);
  });

  it('the latest opened of a kind, and nobody after the one who takes it', () => {
    const { add, offer, asked, target } = registry();
    add(target('first', true), 'form');
    const close = add(target('second', true), 'form');
    offer('B2-1', 'page');
    close();
    offer('B2-1', 'page');
    expect(asked).toEqual(['second', 'first']);
  });

  it('only forms, with the focus in a field', () => {
    const { add, offer, asked, target } = registry();
    add(target('page', true), 'page');
    expect(offer('B2-1', 'form')).toBe(false);
    expect(asked).toEqual([]);
  });
});
