/** How sequence numbers and mailbox positions are written and compared; the Lua scripts hold to the same text forms. */
import type { Seq } from './port.ts';

/** Negative: `a` came first; 0: the same; positive: `b` came first. Undefined is before all. */
export function compareSeq(a: Seq | undefined, b: Seq | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** `epoch:commit:index`; empty for undefined. */
export function writeSeq(seq: Seq | undefined): string {
  return seq === undefined ? '' : seq.join(':');
}

/** Undefined for what `writeSeq` did not write. */
export function readSeq(text: string): Seq | undefined {
  const [epoch, commit, index, ...rest] = text === '' ? [] : text.split(':').map(Number);
  if (epoch === undefined || commit === undefined || index === undefined || rest.length > 0) return undefined;
  return Number.isSafeInteger(epoch) && Number.isSafeInteger(commit) && Number.isSafeInteger(index)
    ? [epoch, commit, index]
    : undefined;
}

/** Compares two mailbox positions `<ms>-<n>`; `'0'` is before all. */
export function compareIDs(a: string, b: string): number {
  const [aMs = '0', aN = '0'] = a.split('-');
  const [bMs = '0', bN = '0'] = b.split('-');
  return Number(aMs) - Number(bMs) || Number(aN) - Number(bN);
}

/** The position right behind `id`. */
export function afterID(id: string): string {
  const [ms = '0', n = '0'] = id.split('-');
  return `${ms}-${String(Number(n) + 1)}`;
}
