/**
 * How long a command takes, in every partition, all the time: for each a user who says `away` and `online` in turn, and one who
 * watches them all. One word is under way per partition; the next follows when the last was seen.
 */
import { partitionOfUser, type UserID } from '@switchboard/protocol';
import { eventually, type Cluster } from '@switchboard/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { Phone } from './phone.ts';

const EVERY_MS = 25;
/** A word on a socket that broke may be lost for good: it is said again. */
const AGAIN_MS = 2500;
const STATES = ['away', 'online'] as const;

interface Probe {
  readonly partition: number;
  readonly sentAt: number;
  /** Undefined: under way. */
  ms: number | undefined;
}

export class Prober {
  readonly phones: readonly Phone[];
  readonly #watcher: Phone;
  #probes: Probe[] = [];
  #running = true;
  #lanes: Promise<unknown> = Promise.resolve();

  private constructor(watcher: Phone, targets: readonly Phone[]) {
    this.#watcher = watcher;
    this.phones = [watcher, ...targets];
    watcher.board.watch(targets.map(({ userID }) => userID));
    this.#lanes = Promise.all(targets.map((target, partition) => this.#lane(target, partition)));
  }

  static async start(cluster: Cluster): Promise<Prober> {
    const watcher = await Phone.join(cluster, 'watcher', 0);
    const names = Array.from({ length: cluster.partitions }, (_, partition) => nameIn(partition, cluster.partitions));
    const targets = await Promise.all(names.map((name, index) => Phone.join(cluster, name, index)));
    return new Prober(watcher, targets);
  }

  /** The longest that a command took, of those that were under way then or since. */
  longest(since: number): number {
    const now = performance.now();
    const concerned = this.#probes.filter(({ sentAt, ms }) => sentAt + (ms ?? Infinity) >= since);
    return Math.max(0, ...concerned.map(({ sentAt, ms }) => ms ?? now - sentAt));
  }

  /** Resolves when in every partition a command that was sent after `since` has been carried out. */
  async through(since: number, withinMs: number): Promise<void> {
    const done = (partition: number) =>
      this.#probes.some((probe) => probe.partition === partition && probe.sentAt >= since && probe.ms !== undefined);
    const partitions = this.phones.length - 1;
    const all = () => Array.from({ length: partitions }, (_, partition) => partition).every(done);
    await eventually('every partition carries out commands', all, withinMs);
  }

  forget(): void {
    this.#probes = this.#probes.filter(({ ms }) => ms === undefined);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#lanes;
  }

  async #lane(target: Phone, partition: number): Promise<void> {
    for (let turn = 0; this.#running; turn += 1) {
      const probe: Probe = { partition, sentAt: performance.now(), ms: undefined };
      this.#probes.push(probe);
      await this.#probe(target, STATES[turn % 2] ?? 'away');
      probe.ms = performance.now() - probe.sentAt;
      await pause(EVERY_MS);
    }
  }

  async #probe(target: Phone, state: (typeof STATES)[number]): Promise<void> {
    const seen = () => this.#watcher.board.presenceOf(target.userID) === state;
    for (let saidAt = -AGAIN_MS; this.#running && !seen(); await pause(5)) {
      if (performance.now() - saidAt < AGAIN_MS) continue;
      saidAt = performance.now();
      target.board.setPresence(state);
    }
  }
}

function nameIn(partition: number, partitions: number): string {
  for (let n = 0; ; n += 1) {
    const name = `probe-${String(n)}`;
    if (partitionOfUser(name as UserID, partitions) === partition) return name;
  }
}
