/**
 * A worker that runs: its table, its place in the registry, its mailbox.
 *
 *   joining ──media server connected──> serving <──> joining (media server away)
 *      └──────────────── drain() ─────────────────> draining
 */
import { Beater, MailReader, Sender, sleep, type Clock, type Logger, type LogStore } from '@switchboard/event-log';
import type { WorkerID, WorkerInfo } from '@switchboard/protocol';
import { connectKurento, type KurentoOptions } from './kurento/adapter.ts';
import type { KurentoPort } from './kurento/port.ts';
import { AttemptTable } from './legs/table.ts';
import { createInbox } from './mail/inbox.ts';
import { createOutbox } from './mail/outbox.ts';
import type { WorkerMetrics } from './metrics.ts';

export interface WorkerOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
  readonly workerID: WorkerID;
  /** Differs at each start. */
  readonly incarnation: string;
  readonly namespace: string;
  readonly kurento: Pick<KurentoOptions, 'url' | 'deadlineMs' | 'pingEveryMs' | 'lostAfterMs'>;
  readonly capacity: number;
  /** The cluster takes this worker for dead: it has to start over. */
  readonly onGone: () => void;
}

const SWEEP_EVERY_MS = 30_000;
/** For what is in hand when the worker stops, and again for its last messages. */
const FINISH_MS = 3_000;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #kurento: KurentoPort;
  readonly #sender: Sender;
  readonly #table: AttemptTable;
  readonly #reader: MailReader;
  readonly #beater: Beater;
  readonly #stopping = new AbortController();
  #state: 'starting' | 'running' | 'draining' = 'starting';

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { store, clock, log, metrics, workerID } = options;
    this.#sender = new Sender({ store, clock, log, src: `${workerID}.${options.incarnation}`, onGone: options.onGone });
    this.#kurento = connectKurento({ ...options.kurento, events: this.#kurentoEvents(), observe: metrics.kmsCall });
    this.#table = new AttemptTable({
      worker: `${options.namespace}/${workerID}`,
      kurento: this.#kurento,
      outbox: createOutbox({ sender: this.#sender, workerID, log }),
      ...{ clock, log, capacity: options.capacity, onFailed: metrics.failed },
    });
    const handle = createInbox({
      handle: (message, blobs) => this.#table.handle(message, blobs),
      onUnreadable: metrics.unreadable,
      log,
    });
    const onCaughtUp = () => this.#table.endEmpty();
    this.#reader = new MailReader({ store, clock, log, process: workerID, handle, onCaughtUp });
    this.#beater = new Beater({
      store,
      clock,
      log,
      id: workerID,
      kind: 'worker',
      info: () => JSON.stringify(this.info()),
    });
    metrics.watch({
      calls: () => this.#table.calls,
      legs: () => this.#table.legs,
      connected: () => this.#kurento.isConnected(),
    });
  }

  info(): WorkerInfo {
    const { workerID, capacity } = this.#options;
    return {
      workerID,
      state: this.#stateNow(),
      calls: this.#table.calls,
      capacity,
    };
  }

  /** True, or in plain words why it takes no calls now. */
  ready(): true | string {
    const state = this.#stateNow();
    if (state === 'serving') return true;
    return state === 'draining' ? 'is stopping' : 'is not connected to its media server';
  }

  /**
   * Registers, waits for the media server as long as it takes, takes over what is there, and begins to read its mailbox.
   * Resolves early if it is stopped meanwhile.
   */
  async start(): Promise<void> {
    await this.#beater.start();
    await this.#adopt();
    if (this.#state !== 'starting') return;
    this.#state = 'running';
    this.#reader.start();
    await this.#beater.beat();
    void this.#sweep();
  }

  /** No new calls from now on, and everybody is told. */
  async drain(): Promise<void> {
    this.#state = 'draining';
    this.#table.refuseNew();
    await this.#beater.beat();
  }

  /**
   * Leaves the pipelines of live calls on the media server, and in the mailbox what could not be finished: this worker takes both
   * over when it starts again. Never rejects.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reader.stop();
    await Promise.race([this.#table.idle(), sleep(this.#options.clock, FINISH_MS)]);
    await Promise.race([this.#sender.drain(), sleep(this.#options.clock, FINISH_MS)]);
    // What fails from here on fails because we go: nobody is told, and nothing is settled.
    this.#reader.abandon();
    this.#sender.close();
    this.#kurento.close();
    await this.#beater.stop();
  }

  /** Until it succeeds: without a look at what is there, a release might miss its pipeline. */
  async #adopt(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#kurento.whenConnected();
        await this.#table.adopt();
        if (this.#table.calls > 0) this.#options.log.info({ calls: this.#table.calls }, 'took calls over');
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.warn({ err: error }, 'the media server did not tell what it has');
        await sleep(this.#options.clock, 500, signal);
      }
    }
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await sleep(this.#options.clock, SWEEP_EVERY_MS, signal);
      if (signal.aborted) return;
      if (!this.#kurento.isConnected()) continue;
      await this.#table.sweep().catch((error: unknown) => this.#options.log.warn({ err: error }, 'the sweep failed'));
    }
  }

  #kurentoEvents() {
    const { log } = this.#options;
    return {
      connected: () => {
        log.info({}, 'the media server is connected');
        if (this.#state === 'starting') return;
        void this.#beater.beat();
        void this.#table.catchUp();
      },
      down: () => {
        log.warn({}, 'the media server is away');
        void this.#beater.beat();
      },
      lost: () => {
        log.error({ calls: this.#table.calls }, 'the media server lost all calls');
        this.#table.lost();
        void this.#beater.beat();
      },
    };
  }

  #stateNow(): WorkerInfo['state'] {
    if (this.#state === 'draining') return 'draining';
    return this.#state === 'running' && this.#kurento.isConnected() ? 'serving' : 'joining';
  }
}
