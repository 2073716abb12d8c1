/**
 * UUID version 7 (RFC 9562, 6.2 method 1): 48 bits of milliseconds, a 12-bit counter, 62 random bits.
 * Invariant: each one is greater than those before it, also when the clock stands still or goes back.
 */
export interface UuidSource {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

export function uuidv7Generator({ now, randomBytes }: UuidSource): () => string {
  let ms = -1;
  let counter = 0;
  return () => {
    const random = randomBytes(10);
    const clock = Math.floor(now());
    if (clock > ms) {
      ms = clock;
      // The top bit stays free, so that there is room to count.
      counter = ((at(random, 0) << 8) | at(random, 1)) & 0x7ff;
    } else if (counter < 0xfff) {
      counter += 1;
    } else {
      ms += 1;
      counter = 0;
    }
    return format(ms, counter, random.subarray(2));
  };
}

function format(ms: number, counter: number, random: Uint8Array): string {
  const time = ms.toString(16).padStart(12, '0');
  const a = (0x7000 | counter).toString(16);
  const b = (0x8000 | (((at(random, 0) << 8) | at(random, 1)) & 0x3fff)).toString(16);
  const c = [...random.subarray(2, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${b}-${c}`;
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
