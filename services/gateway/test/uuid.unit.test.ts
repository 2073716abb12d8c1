import { callID, makeCallID } from '@switchboard/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../src/sockets/token-bucket.ts';
import { uuidv7Generator } from '../src/session/uuid.ts';

describe('uuidv7', () => {
  it('holds the time, version and variant (RFC 9562, A.6)', () => {
    // rand_a 0xcc3 has its top bit cleared here, as that is kept for the counter.
    const bytes = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    const make = uuidv7Generator({ now: () => 0x017f22e279b0, randomBytes: () => bytes });
    expect(make()).toBe('017f22e2-79b0-74c3-98c4-dc0c0c07398f');
  });

  it('always grows, whatever the clock does, and makes a callID', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 50 }),
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        (times, random) => {
          let now = 0;
          const make = uuidv7Generator({ now: () => now, randomBytes: () => random });
          let last = '';
          for (const time of times) {
            now = 1_700_000_000_000 + time;
            const uuid = make();
            expect(uuid > last).toBe(true);
            expect(callID.safeParse(makeCallID(3, uuid)).success).toBe(true);
            last = uuid;
          }
        },
      ),
    );
  });

  it('grows when more are made in one millisecond than there are numbers', () => {
    const make = uuidv7Generator({ now: () => 1, randomBytes: (count) => new Uint8Array(count) });
    const made = Array.from({ length: 10_000 }, make);
    expect(made).toEqual([...made].sort());
    expect(new Set(made).size).toBe(made.length);
  });
});

describe('the rate', () => {
  it('allows a burst, then so many a second', () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 300 }, 0);
    const taken = (now: number, tries: number) =>
      Array.from({ length: tries }, () => bucket.take(now)).filter(Boolean).length;
    expect(taken(0, 1000)).toBe(300);
    expect(taken(10, 10)).toBe(1);
    expect(taken(1010, 1000)).toBe(100);
    expect(taken(100_000, 1000)).toBe(300);
  });
});
