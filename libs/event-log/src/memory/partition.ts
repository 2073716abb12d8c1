/**
 * A partition in memory. Invariant: only `take`, `renew`, `release`, `commit` and `trim` change it besides appends, and a
 * commit that does not name the stored token, epoch and previous commit number changes nothing.
 */
import type {
  AggregateChange,
  Claim,
  Commit,
  CommitResult,
  EventPosition,
  Head,
  Retention,
  Seq,
  StoredEvent,
} from '../port.ts';
import { MemoryMailbox } from './mailbox.ts';

interface Blob {
  text: string | undefined;
  holders: number;
}

export class MemoryPartition {
  readonly inbox = new MemoryMailbox();
  readonly aggregates = new Map<string, string>();
  #token = '';
  #epoch = 0;
  #commit = 0;
  #cursor = '0';
  #dispatched = 0;
  #lease: { token: string; until: number } = { token: '', until: 0 };
  #events: StoredEvent[] = [];
  readonly #sent = new Map<string, Seq>();
  readonly #deadlines = new Map<string, number>();
  readonly #live = new Map<string, number>();
  readonly #watchers = new Map<string, Set<string>>();
  readonly #blobs = new Map<string, Blob>();

  holder(now: number): string | undefined {
    return this.#lease.until > now ? this.#lease.token : undefined;
  }

  take(token: string, leaseMs: number, now: number): Head | undefined {
    const holder = this.holder(now);
    if (holder !== undefined && holder !== token) return undefined;
    if (holder === undefined || this.#token !== token) this.#epoch = Math.max(this.#epoch + 1, Math.floor(now));
    this.#token = token;
    this.#lease = { token, until: now + leaseMs };
    return {
      epoch: this.#epoch,
      commit: this.#commit,
      inboxCursor: this.#cursor,
      dispatched: this.#dispatched,
      sent: new Map(this.#sent),
      watched: [...this.#watchers.keys()],
      now,
    };
  }

  renew({ token, epoch, commit }: Claim, until: number): boolean {
    if (this.#token !== token || this.#epoch !== epoch || this.#commit < commit) return false;
    this.#lease = { token, until };
    return true;
  }

  release(token: string, epoch: number): void {
    if (this.#token !== token || this.#epoch !== epoch) return;
    this.#token = '';
    this.#lease = { token: '', until: 0 };
  }

  commit(commit: Commit, now: number): CommitResult {
    if (this.#token !== commit.token || this.#epoch !== commit.epoch) return { kind: 'fenced' };
    if (this.#commit !== commit.previous && this.#commit !== commit.previous + 1) return { kind: 'fenced' };
    if (this.#commit === commit.previous) {
      if (commit.inboxCursor !== this.#cursor && !this.inbox.has(commit.inboxCursor)) return { kind: 'fenced' };
      this.#apply(commit, now);
    }
    this.#lease = { token: commit.token, until: now + commit.leaseMs };
    return { kind: 'done', now, nextDeadline: this.#nextDeadline() };
  }

  due(now: number, limit: number): string[] {
    const due = [...this.#deadlines].filter(([, at]) => at <= now);
    return due
      .sort((a, b) => a[1] - b[1])
      .slice(0, limit)
      .map(([key]) => key);
  }

  watchers(process: string, limit: number): string[] {
    return [...(this.#watchers.get(process) ?? [])].slice(0, limit);
  }

  blob(ref: string): string | undefined {
    return this.#blobs.get(ref)?.text;
  }

  events(after: EventPosition, count: number): StoredEvent[] {
    const from = this.#events.findIndex(
      (event) => event.commit > after.commit || (event.commit === after.commit && event.index > after.index),
    );
    return from < 0 ? [] : this.#events.slice(from, from + count);
  }

  trim(retention: Retention, now: number, producersBefore: number): void {
    this.inbox.cut(this.#cursor);
    this.inbox.sweep(producersBefore);
    const floor = Math.min(this.#dispatched + 1, ...this.#live.values());
    const surplus = this.#events.length - retention.eventsCount;
    const first = this.#events.find(
      (event, index) => event.commit >= floor || (index >= surplus && event.at >= now - retention.eventsMs),
    );
    this.#events = first === undefined ? [] : this.#events.filter((event) => event.commit >= first.commit);
  }

  #apply(commit: Commit, now: number): void {
    this.#commit += 1;
    this.#cursor = commit.inboxCursor;
    this.#dispatched = commit.dispatched;
    this.#writeEvents(commit);
    for (const change of commit.changes) this.#change(change);
    this.#holdBlobs(commit);
    for (const [target, seq] of Object.entries(commit.sent)) this.#sent.set(target, seq);
    for (const process of commit.bury) {
      this.inbox.bury(process, now);
      this.#sent.delete(process);
    }
  }

  #writeEvents(commit: Commit): void {
    for (const [index, event] of commit.events.entries()) {
      const chains = index === 0 ? commit.chains : undefined;
      this.#events.push({ commit: this.#commit, index, epoch: commit.epoch, at: commit.at, chains, ...event });
    }
  }

  #change({ key, json, deadline, watch, unwatch, live }: AggregateChange): void {
    if (json === undefined) this.aggregates.delete(key);
    else this.aggregates.set(key, json);
    if (deadline === undefined) this.#deadlines.delete(key);
    else this.#deadlines.set(key, deadline);
    if (!live) this.#live.delete(key);
    else if (!this.#live.has(key)) this.#live.set(key, this.#commit);
    for (const process of watch) {
      const keys = this.#watchers.get(process) ?? new Set();
      this.#watchers.set(process, keys.add(key));
    }
    for (const process of unwatch) {
      const keys = this.#watchers.get(process);
      keys?.delete(key);
      if (keys?.size === 0) this.#watchers.delete(process);
    }
  }

  #holdBlobs(commit: Commit): void {
    for (const [ref, by] of Object.entries(commit.holdBlobs)) {
      const blob = this.#blobs.get(ref) ?? { text: undefined, holders: 0 };
      blob.holders += by;
      if (blob.holders > 0) this.#blobs.set(ref, blob);
      else this.#blobs.delete(ref);
    }
    for (const [ref, text] of Object.entries(commit.putBlobs)) {
      const blob = this.#blobs.get(ref);
      if (blob !== undefined) blob.text = text;
    }
  }

  #nextDeadline(): number | undefined {
    let next: number | undefined;
    for (const at of this.#deadlines.values()) if (next === undefined || at < next) next = at;
    return next;
  }
}
