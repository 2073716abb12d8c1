/**
 * What really happened to the log, written down beside it: who took which partition, which commits went in, which messages
 * arrived, which commands were applied. Checks invariant 6 (only the owner writes) and 5 (applied once) as it goes.
 */
import type { State } from '@switchboard/call-model';
import {
  addressKey,
  compareSeq,
  isPartitionKey,
  type Address,
  type AppendResult,
  type Commit,
  type CommitResult,
  type Head,
  type IncomingMail,
  type OutgoingMail,
  type Seq,
} from '@switchboard/event-log';
import { Applied } from './applied.ts';
import { parseEvent, type LoggedEvent } from './logged-event.ts';

export interface PartitionRecord {
  token: string;
  epoch: number;
  commit: number;
  /** Of the last commit. */
  cursor: string;
  /** What its commits say to each target, at last. */
  readonly sent: Map<string, Seq>;
}

export interface RecordParts {
  readonly now: () => number;
  readonly fail: (invariant: string, what: string) => void;
  /** Each event as it is committed; the states are still those before its commit. */
  readonly onEvent: (event: LoggedEvent) => void;
}

export class LogRecord {
  readonly states = new Map<string, State>();
  readonly blobs = new Map<string, number>();
  readonly applied: Applied;
  commits = 0;
  digest = '';
  readonly #parts: RecordParts;
  readonly #partitions = new Map<number, PartitionRecord>();
  /** Last message of each sender (`target<src`). */
  readonly #arrived = new Map<string, Seq>();

  constructor(parts: RecordParts) {
    this.#parts = parts;
    this.applied = new Applied(parts.fail);
  }

  partition(number: number): PartitionRecord {
    const known = this.#partitions.get(number);
    if (known !== undefined) return known;
    const fresh = { token: '', epoch: 0, commit: 0, cursor: '0', sent: new Map<string, Seq>() };
    this.#partitions.set(number, fresh);
    return fresh;
  }

  /** An operation of a process that the store did; its result as the process is to see it. */
  saw(process: string, operation: string, args: readonly unknown[], result: unknown): never {
    if (operation === 'commit') this.#committed(process, args as [number, Commit], result as CommitResult);
    else if (operation === 'append') this.#appended(args as [Address, string, OutgoingMail[]], result as AppendResult);
    else if (operation === 'take') this.#took(process, args as [number, string], result as Head | undefined);
    else if (operation === 'release') this.#released(args as [number, string, number]);
    else if (operation === 'read')
      return this.marked(addressKey(args[0] as Address), result as IncomingMail[]) as never;
    return result as never;
  }

  /** Mail of a partition with a mark in its body, by which its command is known when it is parsed. */
  marked(key: string, mails: readonly IncomingMail[]): readonly IncomingMail[] {
    return isPartitionKey(key) ? mails.map((mail) => this.applied.mark(key, mail)) : mails;
  }

  /** Messages of commits that are in nobody's mailbox yet. */
  onTheWay(): string[] {
    const missing: string[] = [];
    for (const [number, { sent }] of this.#partitions) {
      for (const [target, seq] of sent) {
        const last = this.#arrived.get(`${target}<p${String(number)}`);
        if (compareSeq(last, seq) < 0) missing.push(`p${String(number)}→${target} ${seq.join(':')}`);
      }
    }
    return missing;
  }

  #took(process: string, [number, token]: [number, string], head: Head | undefined): void {
    if (head === undefined) return;
    const partition = this.partition(number);
    if (head.epoch <= partition.epoch && token !== partition.token)
      this.#parts.fail('6 epoch', `p${String(number)} was taken with epoch ${String(head.epoch)} again`);
    if (head.commit !== partition.commit)
      this.#parts.fail(
        '6 head',
        `p${String(number)} was taken at commit ${String(head.commit)}, not ${String(partition.commit)}`,
      );
    Object.assign(partition, { token, epoch: head.epoch });
    this.applied.tookOver(process, number);
  }

  #released([number, token, epoch]: [number, string, number]): void {
    const partition = this.partition(number);
    if (partition.token === token && partition.epoch === epoch) partition.token = '';
  }

  #committed(process: string, [number, commit]: [number, Commit], result: CommitResult): void {
    const partition = this.partition(number);
    if (result.kind === 'fenced') return;
    const { token, epoch, previous } = commit;
    const owns = token === partition.token && epoch === partition.epoch;
    if (owns && previous + 1 === partition.commit) return;
    if (!owns || previous !== partition.commit)
      this.#parts.fail(
        '6 one owner',
        `${process} (${token}, epoch ${String(epoch)}) wrote commit ${String(previous + 1)} of p${String(number)}, which ${partition.token} owns at commit ${String(partition.commit)}`,
      );
    this.#apply(process, number, commit);
  }

  #apply(process: string, number: number, commit: Commit): void {
    const partition = this.partition(number);
    this.commits += 1;
    partition.commit += 1;
    partition.cursor = commit.inboxCursor;
    for (const [target, seq] of Object.entries(commit.sent)) partition.sent.set(target, seq);
    for (const dead of commit.bury) partition.sent.delete(dead);
    for (const ref of Object.keys(commit.putBlobs)) this.blobs.set(ref, number);
    this.applied.committed(process, number, commit.inboxCursor);
    const at = this.#parts.now();
    for (const { key, body } of commit.events) {
      this.digest += `${String(at)} ${body}\n`;
      const event = parseEvent(body);
      this.#parts.onEvent({ partition: number, at, decidedAt: commit.at, cursor: commit.inboxCursor, key, event });
    }
    for (const { key, json } of commit.changes) {
      if (json === undefined) this.states.delete(key);
      else this.states.set(key, JSON.parse(json) as State);
    }
  }

  #appended([to, src, batch]: [Address, string, OutgoingMail[]], result: AppendResult): void {
    const target = addressKey(to);
    const taken = result.kind === 'appended' ? batch.length : result.kind === 'gap' ? result.at : 0;
    for (const { seq, body } of batch.slice(0, taken)) {
      if (compareSeq(seq, this.#arrived.get(`${target}<${src}`)) <= 0) continue;
      this.#arrived.set(`${target}<${src}`, seq);
      if (to.kind === 'partition') this.applied.arrived(target, src, seq, body);
    }
  }
}
