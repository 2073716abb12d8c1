import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSeq, rendezvous, type Seq } from '../src/index.ts';
import { afterID, compareIDs, readSeq, writeSeq } from '../src/order.ts';

const part = fc.integer({ min: 0, max: 2 ** 45 });
const seq: fc.Arbitrary<Seq> = fc.tuple(part, part, part);
const maybe = fc.option(seq, { nil: undefined });

describe('sequence numbers', () => {
  it('are totally ordered, undefined first', () => {
    fc.assert(
      fc.property(maybe, maybe, maybe, (a, b, c) => {
        expect(Math.sign(compareSeq(a, b))).toBe(-Math.sign(compareSeq(b, a)) + 0);
        expect(compareSeq(a, a)).toBe(0);
        if (compareSeq(a, b) <= 0 && compareSeq(b, c) <= 0) expect(compareSeq(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('survive their text form', () => {
    fc.assert(
      fc.property(maybe, (value) => {
        expect(readSeq(writeSeq(value))).toEqual(value);
      }),
    );
    expect(['x', '1:2', '1:2:3:4', '1:a:2'].map(readSeq)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('mailbox positions', () => {
  it('are compared as numbers', () => {
    expect(compareIDs('9-10', '10-2')).toBeLessThan(0);
    expect(compareIDs('10-10', '10-9')).toBeGreaterThan(0);
    expect(compareIDs('0', '0-1')).toBeLessThan(0);
    expect(afterID('5-3')).toBe('5-4');
  });
});

describe('rendezvous', () => {
  const keys = Array.from({ length: 256 }, (_, key) => String(key));
  it('moves only the keys of the one who goes, and shares fairly', () => {
    const ids = ['o-a', 'o-b', 'o-c', 'o-d'];
    const rest = ids.slice(1);
    for (const key of keys) {
      const [first] = rendezvous(key, ids);
      if (first !== 'o-a') expect(rendezvous(key, rest)[0]).toBe(first);
    }
    for (const id of ids) {
      const share = keys.filter((key) => rendezvous(key, ids)[0] === id).length;
      expect(share).toBeGreaterThan(40);
      expect(share).toBeLessThan(90);
    }
  });
});
