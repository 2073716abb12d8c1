/** What Redis answers, as the types of the port. */
import { LogError } from '../errors.ts';
import { readSeq } from '../order.ts';
import type { AppendResult, Beat, Chains, CommitResult, Head, IncomingMail, Seq, StoredEvent } from '../port.ts';

/** An entry of a stream: its ID, and fields and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

export function decodeAppend(reply: unknown): AppendResult {
  const [kind, value, last] = reply as [AppendResult['kind'], number, string];
  switch (kind) {
    case 'appended':
      return { kind, duplicates: value };
    case 'gap':
      return { kind, at: value, last: readSeq(last) };
    case 'gone':
    case 'full':
      return { kind };
    default:
      return unknownReply(kind);
  }
}

export function decodeCommit(reply: unknown): CommitResult {
  const [kind, now, deadline] = reply as [CommitResult['kind'], string, string];
  switch (kind) {
    case 'done':
      return { kind, now: Number(now), nextDeadline: deadline === '' ? undefined : Number(deadline) };
    case 'fenced':
      return { kind };
    default:
      return unknownReply(kind);
  }
}

export function decodeHead(reply: unknown): Head | undefined {
  if (reply === null) return undefined;
  const [epoch, commit, inboxCursor, dispatched, now, sent, watched] = reply as [
    number,
    number,
    string,
    number,
    number,
    string[],
    string[],
  ];
  return { epoch, commit, inboxCursor, dispatched, now, watched, sent: seqMap(pairs(sent)) };
}

export function decodeMail([id, fields]: StreamEntry): IncomingMail {
  const values = pairs(fields);
  const blobs = values.get('blobs');
  return {
    id,
    src: values.get('src') ?? '',
    seq: readSeq(values.get('seq') ?? '') ?? [0, 0, 0],
    body: values.get('body') ?? '',
    ...(blobs === undefined ? {} : { blobs: JSON.parse(blobs) as Record<string, string> }),
  };
}

export function decodeEvent([id, fields]: StreamEntry): StoredEvent {
  const values = pairs(fields);
  const [commit = 0, index = 1] = id.split('-').map(Number);
  const chains = values.get('chains');
  return {
    commit,
    index: index - 1,
    epoch: Number(values.get('epoch')),
    key: values.get('key') ?? '',
    body: values.get('body') ?? '',
    at: Number(values.get('at')),
    first: values.get('first') === '1',
    chains: chains === undefined ? undefined : decodeChains(chains),
  };
}

export function encodeBeat(beat: Beat): string {
  return JSON.stringify([beat.kind, beat.counter, beat.info]);
}

/** `reply`: processes and their beats in turn. */
export function decodeBeats(reply: unknown): readonly Beat[] {
  return [...pairs(reply as string[])].map(([id, text]) => {
    const [kind, counter, info] = JSON.parse(text) as [string, number, string];
    return { id, kind, counter, info };
  });
}

function decodeChains(text: string): Chains {
  return Object.fromEntries(seqMap(new Map(Object.entries(JSON.parse(text) as Record<string, string>))));
}

function seqMap(texts: ReadonlyMap<string, string>): Map<string, Seq> {
  const seqs = new Map<string, Seq>();
  for (const [target, text] of texts) {
    const seq = readSeq(text);
    if (seq !== undefined) seqs.set(target, seq);
  }
  return seqs;
}

function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let index = 0; index + 1 < flat.length; index += 2) map.set(flat[index] ?? '', flat[index + 1] ?? '');
  return map;
}

function unknownReply(reply: never): never {
  throw new LogError('internal', `a script answered ${String(reply)}`);
}
