/**
 * Who is alive, seen with own eyes only: a process is dead when this reader saw the same counter (or none) for long enough
 * by reads that succeeded. A failed read starts the count anew: an outage of the store kills nobody.
 *
 *   unknown ──grew──▶ alive ──3 s──▶ suspect ──deadAfterMs(kind)──▶ dead ──grew──▶ alive
 */
import type { Clock } from '../clock.ts';
import { silentLogger, type Logger } from '../observe.ts';
import type { Beat, LogStore } from '../port.ts';

export type Vitality = 'unknown' | 'alive' | 'suspect' | 'dead';

export interface LivenessOptions {
  readonly store: Pick<LogStore, 'beats' | 'forget'>;
  readonly clock: Clock;
  /** Between two reads, ms; also the most that a read may take before the count starts anew, three times over. */
  readonly periodMs?: number;
  /** How long a process of a kind may stand still, ms. Kind `''`: one that this reader never saw. */
  readonly deadAfterMs?: (kind: string) => number;
  readonly log?: Logger;
}

/** What is known of one process. */
interface Watch {
  beat: Beat;
  /** In the last read. */
  present: boolean;
  grew: boolean;
  /** When the count of its standstill began. */
  since: number;
  dead: boolean;
}

const suspectAfterMs = 3000;
const forgottenAfterMs = 60_000;

/** 10 s for a worker (longer than its restart) and for what is not known, 1.5 s for an orchestrator, 3 s for all others. */
export function defaultDeadAfterMs(kind: string): number {
  if (kind === 'worker' || kind === '') return 10_000;
  return kind === 'orchestrator' ? 1500 : 3000;
}

export class Liveness {
  readonly #options: LivenessOptions;
  readonly #periodMs: number;
  readonly #deadAfterMs: (kind: string) => number;
  readonly #watches = new Map<string, Watch>();
  readonly #deadListeners = new Set<(beat: Beat) => void>();
  readonly #readListeners = new Set<() => void>();
  #running = false;
  #failing = false;
  #lastRead: number | undefined;
  #reads = 0;
  #cancel: () => void = () => undefined;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#periodMs = options.periodMs ?? 1000;
    this.#deadAfterMs = options.deadAfterMs ?? defaultDeadAfterMs;
  }

  /** Reads now and then once per period. Starting twice does nothing. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#loop();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** Calls `listener` once per death; again if the process came back and died again. Returns how to end it. */
  onDead(listener: (beat: Beat) => void): () => void {
    this.#deadListeners.add(listener);
    return () => this.#deadListeners.delete(listener);
  }

  /** Calls `listener` after each read that succeeded. Returns how to end it. */
  onRead(listener: () => void): () => void {
    this.#readListeners.add(listener);
    return () => this.#readListeners.delete(listener);
  }

  /** Reads that succeeded. */
  get reads(): number {
    return this.#reads;
  }

  status(id: string): Vitality {
    const watch = this.#watches.get(id);
    if (watch === undefined) return 'unknown';
    if (watch.dead) return 'dead';
    if (this.#stoodStill(watch) >= suspectAfterMs) return 'suspect';
    return watch.grew ? 'alive' : 'unknown';
  }

  /** Last beats of all that are registered and not dead, also of those that were not yet seen to grow. */
  beats(): readonly Beat[] {
    return [...this.#watches.values()].filter(({ present, dead }) => present && !dead).map(({ beat }) => beat);
  }

  /** Begins to count for a process that may never show itself. */
  expect(id: string): void {
    if (this.#watches.has(id)) return;
    this.#watches.set(id, this.#watch({ id, kind: '', counter: -1, info: '' }, false));
  }

  async #loop(): Promise<void> {
    const { clock, store, log = silentLogger } = this.#options;
    const asked = clock.monotonic();
    try {
      const beats = await store.beats();
      if (!this.#running) return;
      if (clock.monotonic() - (this.#lastRead ?? asked) > 3 * this.#periodMs) this.#startAnew();
      this.#lastRead = clock.monotonic();
      this.#reads += 1;
      this.#take(beats);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) log.warn({ error: String(error) }, 'the registry cannot be read');
      this.#failing = true;
      this.#startAnew();
    }
    this.#cancel = clock.timer(this.#periodMs, () => {
      if (this.#running) void this.#loop();
    });
  }

  #take(beats: readonly Beat[]): void {
    const seen = new Map(beats.map((beat) => [beat.id, beat]));
    for (const watch of this.#watches.values()) watch.present = seen.has(watch.beat.id);
    for (const beat of beats) this.#see(beat);
    for (const watch of this.#watches.values()) this.#judge(watch);
    for (const listener of this.#readListeners) listener();
  }

  #see(beat: Beat): void {
    const watch = this.#watches.get(beat.id);
    if (watch === undefined) this.#watches.set(beat.id, this.#watch(beat, true));
    else if (watch.beat.counter !== beat.counter) {
      const grew = watch.beat.counter >= 0;
      Object.assign(watch, { beat, grew: watch.grew || grew, since: this.#options.clock.monotonic(), dead: false });
    }
  }

  #judge(watch: Watch): void {
    const still = this.#stoodStill(watch);
    const limit = this.#deadAfterMs(watch.beat.kind);
    if (!watch.dead && still >= limit) {
      watch.dead = true;
      for (const listener of this.#deadListeners) listener(watch.beat);
    }
    if (!watch.dead || still < limit + forgottenAfterMs) return;
    if (watch.present) this.#options.store.forget(watch.beat.id).catch(() => undefined);
    else this.#watches.delete(watch.beat.id);
  }

  #stoodStill(watch: Watch): number {
    return this.#options.clock.monotonic() - watch.since;
  }

  #startAnew(): void {
    const now = this.#options.clock.monotonic();
    for (const watch of this.#watches.values()) watch.since = watch.dead ? watch.since : now;
  }

  #watch(beat: Beat, present: boolean): Watch {
    return { beat, present, grew: false, since: this.#options.clock.monotonic(), dead: false };
  }
}
