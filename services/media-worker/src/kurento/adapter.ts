/**
 * The port over kurento-client: the one connection to the one media server of this worker.
 *
 *   connecting ──> connected <──> down (session resumed: handles stay good, what was on its way is asked again)
 *                      ^            │ new session, nobody listens for `goneAfterMs`, or down for `lostAfterMs`
 *                      └─── lost ───┘ (every handle is dead; told once)
 *   any ──close()──> closed
 *
 * A connection that is refused says that the process is gone, and its calls with it. One that only does not come about may be a
 * network that is cut: the media may flow on.
 */
import { AckPump } from './ack-pump.ts';
import { KurentoError, isGone, ownError } from './errors.ts';
import { loadKurentoClient, type RawClient, type RawSocket } from './library.ts';
import { createPipeline, describe, findPipeline, readIDs, readNumber, type Wire } from './objects.ts';
import type { CallObserver, FoundPipeline, KurentoPort, Load, Pipeline, PortEvents, Tags } from './port.ts';
import { Requests } from './requests.ts';
import { Unanswered } from './unanswered.ts';

export interface KurentoOptions {
  readonly url: string;
  readonly events: PortEvents;
  /** Of each call. */
  readonly deadlineMs?: number;
  /** While a request is in flight; 0: never. */
  readonly pingEveryMs?: number;
  /** Without a connection for so long, everything counts as lost. */
  readonly lostAfterMs?: number;
  /** So long after a connection was refused, everything counts as lost if there is none yet. */
  readonly goneAfterMs?: number;
  readonly observe?: CallObserver;
}

const MANAGER = 'manager_ServerManager';

/** Starts to connect, and keeps connecting until closed. */
export function connectKurento(options: KurentoOptions): KurentoPort {
  return new KurentoAdapter(options);
}

type State = 'connecting' | 'connected' | 'down' | 'closed';

class KurentoAdapter implements KurentoPort {
  readonly #options: Required<Omit<KurentoOptions, 'observe'>>;
  readonly #requests: Requests;
  readonly #pump: AckPump;
  readonly #unanswered: Unanswered;
  readonly #wire: Wire;
  #client: RawClient;
  #socket: RawSocket | undefined;
  #state: State = 'connecting';
  #told: 'nothing' | 'up' | 'lost' = 'nothing';
  #lostTimer: NodeJS.Timeout | undefined;
  #goneTimer: NodeJS.Timeout | undefined;
  #resumeTimer: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<{ resolve: () => void; reject: (error: KurentoError) => void }>();

  constructor({ observe = () => undefined, ...options }: KurentoOptions) {
    this.#options = { deadlineMs: 5_000, pingEveryMs: 1, lostAfterMs: 15_000, goneAfterMs: 500, ...options };
    const { deadlineMs, pingEveryMs } = this.#options;
    this.#pump = new AckPump(pingEveryMs);
    this.#unanswered = new Unanswered(deadlineMs);
    this.#requests = new Requests(deadlineMs, this.#pump, observe);
    const { Client, listeners } = loadKurentoClient();
    const socket = { onSocket: (raw: RawSocket) => this.#onSocket(raw), onDown: (code?: string) => this.#onDown(code) };
    const timeout = deadlineMs + 1_000;
    const timeouts = { request_timeout: timeout, response_timeout: timeout, duplicates_timeout: timeout };
    this.#client = new Client(options.url, { strict: false, socket, ...timeouts }, () => undefined);
    this.#client.toJSON = () => undefined;
    this.#client.on('connected', () => void this.#hello());
    this.#client.on('reconnected', (sameSession) => void this.#onReconnected(sameSession));
    const ready = (method: string) => {
      if (!this.#isUp()) throw ownError('unreachable', method);
    };
    this.#wire = { client: this.#client, requests: this.#requests, listeners, ready };
  }

  isConnected(): boolean {
    return this.#state === 'connected';
  }

  whenConnected(): Promise<void> {
    if (this.#state === 'connected') return Promise.resolve();
    if (this.#state === 'closed') return Promise.reject(ownError('unreachable', 'connect'));
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }));
  }

  createPipeline(tags: Tags): Promise<Pipeline> {
    return createPipeline(this.#wire, tags);
  }

  async listPipelines(except: ReadonlySet<string> = new Set()): Promise<readonly FoundPipeline[]> {
    const { object } = await describe(this.#wire, MANAGER);
    const ids = (await readIDs(this.#wire, object, 'getPipelines')).filter((id) => !except.has(id));
    const found = await Promise.all(ids.map((id) => findPipeline(this.#wire, id).catch(undefinedIfGone)));
    return found.filter((one) => one !== undefined);
  }

  async load(): Promise<Load> {
    const { object } = await describe(this.#wire, MANAGER);
    const [memoryKiB, cpuPercent] = await Promise.all([
      readNumber(this.#wire, { object, method: 'getUsedMemory' }),
      readNumber(this.#wire, { object, method: 'getUsedCpu', params: { interval: 100 } }),
    ]);
    return { memoryKiB, cpuPercent };
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#stopTimers();
    this.#requests.failAll('unreachable');
    for (const { reject } of this.#waiting) reject(ownError('unreachable', 'connect'));
    this.#waiting.clear();
    this.#client.close();
    this.#socket?.terminate();
  }

  /** Also while it is down for a moment: kurento-client sends what is asked meanwhile when it has a socket again. */
  #isUp(): boolean {
    return this.#state === 'connected' || (this.#state === 'down' && this.#told === 'up');
  }

  #onSocket(socket: RawSocket): void {
    this.#socket = socket;
    this.#pump.use(socket);
    this.#unanswered.use(socket);
    clearTimeout(this.#goneTimer);
    this.#goneTimer = undefined;
    clearTimeout(this.#resumeTimer);
    // A socket that opens and then says nothing is as good as none.
    this.#resumeTimer = setTimeout(() => this.#giveUp(socket), this.#options.deadlineMs);
  }

  #onDown(code: string | undefined): void {
    clearTimeout(this.#resumeTimer);
    if (code === 'ECONNREFUSED') this.#goneTimer ??= setTimeout(() => this.#lose(), this.#options.goneAfterMs);
    if (this.#state !== 'connected') return;
    this.#state = 'down';
    this.#lostTimer = setTimeout(() => this.#lose(), this.#options.lostAfterMs);
    this.#options.events.down();
  }

  async #onReconnected(sameSession: boolean): Promise<void> {
    if (this.#state === 'closed') return;
    if (sameSession && this.#state === 'down') {
      this.#unanswered.askAgain();
      return this.#up();
    }
    // kurento-client would go on with the old session's ID, which the server refuses.
    Object.defineProperty(this.#client, 'sessionId', { configurable: true, value: undefined });
    this.#lose();
    await this.#hello();
  }

  /** A first request: its answer brings the session's ID. */
  async #hello(): Promise<void> {
    const socket = this.#socket;
    try {
      await this.#requests.ask({
        method: 'hello',
        send: (callback) => void this.#client.getMediaobjectById(MANAGER, callback),
        pick: () => undefined,
      });
      if (this.#state !== 'closed') this.#up();
    } catch {
      this.#giveUp(socket);
    }
  }

  /** Cuts a socket that did not answer; not one that has answered since, nor a newer one. */
  #giveUp(socket: RawSocket | undefined): void {
    if (socket === this.#socket && this.#state !== 'connected') socket?.terminate();
  }

  #up(): void {
    this.#stopTimers();
    this.#state = 'connected';
    this.#told = 'up';
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
    this.#options.events.connected();
  }

  #lose(): void {
    clearTimeout(this.#lostTimer);
    if (this.#told !== 'up') return;
    this.#told = 'lost';
    this.#unanswered.clear();
    this.#wire.listeners.clear();
    this.#requests.failAll('lost');
    this.#options.events.lost();
  }

  #stopTimers(): void {
    for (const timer of [this.#lostTimer, this.#goneTimer, this.#resumeTimer]) clearTimeout(timer);
    this.#goneTimer = undefined;
  }
}

function undefinedIfGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
}
