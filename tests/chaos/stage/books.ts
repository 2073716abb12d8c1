/**
 * Holds what users asked for against what is on record: each call that was asked for began once, each that was accepted was
 * accepted once, and each ended once, as the one who ended it said. Reads on where it stopped; nothing may be under way.
 */
import type { CallEvent } from '@switchboard/call-model';
import { connectRedisStore, type EventPosition, type LogStore } from '@switchboard/event-log';
import type { Cluster } from '@switchboard/testkit';
import type { Phone } from './phone.ts';
import type { Played } from './traffic.ts';

export interface Balance {
  readonly lost: number;
  readonly doubled: number;
  /** One line for each. */
  readonly findings: readonly string[];
}

/** What is on record of one call. */
interface Record {
  accepts: number;
  readonly ends: string[];
  /** Its events, each with the ms since the first. */
  readonly trail: string[];
  readonly began: number;
}

const PAGE = 1000;

export class Books {
  readonly #cluster: Cluster;
  readonly #positions = new Map<number, EventPosition>();
  readonly #calls = new Map<string, Record>();
  readonly #requests = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Takes what was asked and played, so that each is looked at once. */
  async balance(phones: readonly Phone[], played: Played[], live: readonly string[]): Promise<Balance> {
    await this.#read();
    const findings: { kind: 'lost' | 'doubled'; text: string }[] = [];
    const trails: string[] = [];
    const expect = (what: string, wanted: number, found: number) => {
      const kind = found < wanted ? 'lost' : 'doubled';
      if (found !== wanted) findings.push({ kind, text: `${what}: ${String(found)} times on record` });
    };
    for (const { requestID, refused } of phones.flatMap(({ asked }) => asked.splice(0))) {
      const found = this.#requests.get(requestID) ?? 0;
      if (refused === undefined || found > 1) expect(`call ${requestID}`, 1, found);
    }
    for (const { plan, callID, expected, outcome } of played.splice(0)) {
      const record = this.#calls.get(callID ?? '');
      if (callID === undefined || (outcome === 'refused' && !record)) continue;
      const { accepts, ends, trail } = record ?? { accepts: 0, ends: [], trail: [] };
      const before = findings.length;
      expect(`end of ${callID}`, 1, ends.length);
      if (outcome === 'refused') continue;
      expect(`accept of ${callID}`, plan === 'talk' ? 1 : 0, accepts);
      expect(`${expected} of ${callID} (${ends.join() || 'no end'})`, 1, ends.filter((end) => end === expected).length);
      if (findings.length > before) trails.push(`record of ${callID}: ${trail.join(', ')}`);
    }
    for (const callID of live) expect(`end of the live ${callID}`, 0, this.#calls.get(callID)?.ends.length ?? 0);
    for (const callID of this.#calls.keys()) if (!live.includes(callID)) this.#calls.delete(callID);
    this.#requests.clear();
    const count = (wanted: string) => findings.filter(({ kind }) => kind === wanted).length;
    return {
      lost: count('lost'),
      doubled: count('doubled'),
      findings: [...findings.map(({ text }) => text), ...trails],
    };
  }

  async #read(): Promise<void> {
    const store = await connectRedisStore({ url: this.#cluster.redis.url, namespace: this.#cluster.namespace });
    try {
      for (let partition = 0; partition < this.#cluster.partitions; partition += 1) await this.#page(store, partition);
    } finally {
      await store.close();
    }
  }

  async #page(store: LogStore, partition: number): Promise<void> {
    for (;;) {
      const after = this.#positions.get(partition) ?? { commit: 0, index: 0 };
      const events = await store.events(partition, after, PAGE);
      const last = events.at(-1);
      if (last === undefined) return;
      this.#positions.set(partition, last);
      for (const { body, at } of events) this.#book(JSON.parse(body) as CallEvent, at);
    }
  }

  #book(event: CallEvent, at: number): void {
    const known = this.#calls.get(event.callID);
    if (!known && event.type !== 'CallStarted') return;
    const record = known ?? { accepts: 0, ends: [], trail: [], began: at };
    this.#calls.set(event.callID, record);
    record.trail.push(`${String(at - record.began)} ${event.type}`);
    if (event.type === 'CallStarted' && event.requestID !== undefined) {
      this.#requests.set(event.requestID, (this.#requests.get(event.requestID) ?? 0) + 1);
    }
    if (event.type === 'CallAccepted') record.accepts += 1;
    if (event.type === 'CallEnded') record.ends.push(`${event.ending.reason} by ${event.ending.endedBy}`);
  }
}
