/** Everything that an orchestrator does with the log, put together: beats, liveness, spreading, one reader for all partitions. */
import { sleep, type Clock } from '../clock.ts';
import type { Domain } from '../domain.ts';
import { silentLogger, type Logger, type Observer } from '../observe.ts';
import type { LogStore, Retention } from '../port.ts';
import { Beater } from './beater.ts';
import { Liveness } from './liveness.ts';
import { MailPump } from './mail-pump.ts';
import { orchestratorKind, Ownership } from './ownership.ts';

export interface OrchestrationOptions<State, Command, Event, Message, Question> {
  readonly store: LogStore;
  /** Fixed when the cluster was first started. */
  readonly partitions: number;
  readonly domain: Domain<State, Command, Event, Message, Question>;
  /** New at each start. */
  readonly processID: string;
  readonly clock: Clock;
  readonly log?: Logger;
  readonly observer?: Observer;
  /** One that the domain's `answer` shares; it is started, and left running by `stop`. Its period should be at most 500 ms. */
  readonly liveness?: Liveness;
  /** What this process tells in its beats: JSON. */
  readonly info?: () => string;
  readonly leaseMs?: number;
  readonly retention?: Retention;
  /** The store forgot commits of this partition that it had acknowledged, or may have: what others know must be asked for. */
  readonly onRegressed?: (partition: number) => void;
  readonly random?: () => number;
}

export interface Orchestration {
  /** Resolves when this process holds its share for the first time. */
  readonly ready: Promise<void>;
  /** True while every partition is here or, rightly, elsewhere. */
  isReady(): boolean;
  owned(): readonly number[];
  readonly liveness: Liveness;
  /** Hands everything over in order; resolves when it is done, at the latest after some seconds. */
  stop(): Promise<void>;
  /** Drops everything at once, as a crash would: for tests. */
  halt(): Promise<void>;
}

const beatEveryMs = 250;
const readEveryMs = 500;
const tickEveryMs = 150;
/** While a partition is to come here: whoever hands it over is waited for. */
const hurryEveryMs = 40;
const defaultLeaseMs = 1500;
const defaultRetention: Retention = { eventsMs: 24 * 3_600_000, eventsCount: 100_000 };

/** Rejects with `partitions-differ` or if the store cannot be reached now. */
export async function startOrchestration<S, C, E, M, Q>(
  options: OrchestrationOptions<S, C, E, M, Q>,
): Promise<Orchestration> {
  await options.store.open(options.partitions);
  const running = new RunningOrchestration(options as unknown as AnyOptions);
  await running.start();
  return running;
}

type AnyOptions = OrchestrationOptions<unknown, unknown, unknown, unknown, unknown>;

class RunningOrchestration implements Orchestration {
  readonly ready: Promise<void>;
  readonly liveness: Liveness;
  readonly #options: AnyOptions;
  readonly #beater: Beater;
  readonly #ownership: Ownership;
  readonly #pump: MailPump;
  readonly #stop = new AbortController();
  #ticking: Promise<void> = Promise.resolve();
  #tellReady: () => void = () => undefined;
  #endDeaths: () => void = () => undefined;

  constructor(options: AnyOptions) {
    const { store, clock, processID, log = silentLogger, random = Math.random } = options;
    this.#options = options;
    this.liveness = options.liveness ?? new Liveness({ store, clock, log, periodMs: readEveryMs });
    const info = options.info ?? (() => '{}');
    this.#beater = new Beater({
      store,
      clock,
      log,
      id: processID,
      kind: orchestratorKind,
      info,
      periodMs: beatEveryMs,
    });
    this.#ownership = this.#createOwnership();
    this.#pump = new MailPump({ store, clock, log, random, owners: () => this.#ownership.owners() });
    this.ready = new Promise((resolve) => {
      this.#tellReady = resolve;
    });
  }

  async start(): Promise<void> {
    await this.#beater.start();
    this.#endDeaths = this.liveness.onDead(({ id, kind }) => {
      if (kind !== orchestratorKind) this.#ownership.lost(id);
    });
    this.liveness.start();
    this.#ticking = this.#tick();
  }

  isReady(): boolean {
    return this.#ownership.settled && !this.#stop.signal.aborted;
  }

  owned(): readonly number[] {
    return this.#ownership.owners().map(({ partition }) => partition);
  }

  async stop(): Promise<void> {
    const { clock } = this.#options;
    this.#ownership.leave();
    await this.#beater.stop();
    if (this.#ownership.hasPeers) await sleep(clock, readEveryMs + 2 * tickEveryMs);
    await this.#ownership.handOverAll();
    await this.#end();
  }

  async halt(): Promise<void> {
    this.#ownership.halt();
    this.#beater.halt();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    this.#endDeaths();
    if (this.#options.liveness === undefined) this.liveness.stop();
    await Promise.all([this.#ticking, this.#ownership.idle(), this.#pump.stop()]);
  }

  async #tick(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#ownership.tick();
      if (this.isReady()) this.#tellReady();
      const pauseMs = this.#ownership.settled ? tickEveryMs : hurryEveryMs;
      await sleep(this.#options.clock, pauseMs, this.#stop.signal);
    }
  }

  #createOwnership(): Ownership {
    const {
      store,
      clock,
      partitions,
      processID,
      domain,
      log = silentLogger,
      observer = {},
      random = Math.random,
    } = this.#options;
    const { leaseMs = defaultLeaseMs, retention = defaultRetention, onRegressed } = this.#options;
    const wake = () => {
      this.#pump.wake();
    };
    return new Ownership({
      ...{ store, clock, log, observer, random, partitions, processID, liveness: this.liveness, leaseMs },
      owner: { store, domain, clock, leaseMs, retention, log, observer, random, onRoom: wake },
      onChange: wake,
      onRegressed: (partition) => onRegressed?.(partition),
    });
  }
}
