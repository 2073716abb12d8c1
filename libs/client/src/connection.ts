/**
 * The socket to one gateway at a time, and who is logged in on it.
 *
 *   offline → connecting → online → waiting → connecting → …      a socket is gone: the next gateway, a little later
 *                any     → offline                                `close`
 *                any     → closed {error}                         the server said not to come back
 */
import type { CLOSE } from '@switchboard/protocol';
import { backoffMs } from './backoff.ts';
import type { Deps, Socket } from './deps.ts';
import { SwitchboardError, type SwitchboardErrorCode } from './errors.ts';
import { readMessage, socketURL, type Accepted, type ClientMessageInput, type ServerMessage } from './wire.ts';

export type ConnectionState =
  | { status: 'offline' }
  | { status: 'connecting'; gateway: string }
  | { status: 'online'; gateway: string; sessionID: string }
  | { status: 'waiting'; gateway: string; delayMs: number }
  | { status: 'closed'; error: SwitchboardError };

export interface ConnectionEvents {
  onState(state: ConnectionState): void;
  onAccepted(login: Accepted): void;
  onMessage(message: Exclude<ServerMessage, { type: 'loginResponse' }>): void;
}

type Login = Extract<ClientMessageInput, { type: 'login' }>;

const LOGIN_TIMEOUT_MS = 10_000;
/** A session that lasted this long was a good one: the next failure is the first again. */
const SETTLED_MS = 5_000;
/** Close codes after which a client does not come back by itself. */
const FINAL: ReadonlyMap<number, SwitchboardErrorCode> = new Map<Final, SwitchboardErrorCode>([
  [1008, 'session_closed'],
  [4001, 'session_taken_over'],
]);
type Final = Extract<(typeof CLOSE)[keyof typeof CLOSE], { resume: false }>['code'];

export class Connection {
  readonly #deps: Deps;
  readonly #events: ConnectionEvents;
  readonly #makeLogin: () => Promise<Login>;
  readonly #gateways: string[];
  #next = 0;
  #failures = 0;
  #onlineSince = 0;
  #state: ConnectionState = { status: 'offline' };
  #socket: Socket | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(deps: Deps, gateways: readonly string[], makeLogin: () => Promise<Login>, events: ConnectionEvents) {
    if (gateways.length === 0) throw new TypeError('no gateway given');
    this.#deps = deps;
    this.#gateways = [...gateways];
    this.#makeLogin = makeLogin;
    this.#events = events;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  open(): void {
    if (this.#state.status === 'offline' || this.#state.status === 'closed') this.#connect();
  }

  /** With a goodbye: the server is not to wait for this session. */
  close(): void {
    this.#drop();
    this.#failures = 0;
    this.#enter({ status: 'offline' });
  }

  /** False if nobody is there to hear it. */
  send(message: ClientMessageInput): boolean {
    if (this.#state.status !== 'online' || !this.#socket) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    const gateway = this.#nextGateway();
    const socket = this.#deps.openSocket(socketURL(gateway));
    this.#socket = socket;
    this.#enter({ status: 'connecting', gateway });
    this.#setTimer(LOGIN_TIMEOUT_MS, () => this.#lost());
    socket.onopen = () => void this.#login(socket);
    socket.onmessage = ({ data }) => this.#receive(gateway, data);
    socket.onclose = ({ code, reason }) => {
      const final = FINAL.get(code);
      if (final) this.#refused(new SwitchboardError(final, reason || `closed with ${String(code)}`));
      else this.#lost();
    };
  }

  async #login(socket: Socket): Promise<void> {
    try {
      const login = await this.#makeLogin();
      if (socket === this.#socket) socket.send(JSON.stringify(login));
    } catch (cause) {
      if (socket === this.#socket) this.#refused(new SwitchboardError('auth_failed', 'There is no token.', { cause }));
    }
  }

  #receive(gateway: string, data: unknown): void {
    const message = readMessage(data);
    if (!message) return;
    if (message.type !== 'loginResponse') return this.#other(message);
    if (message.content === 'rejected') return this.#refused(new SwitchboardError('auth_failed', message.error));
    this.#cancelTimer();
    this.#onlineSince = this.#deps.now();
    this.#learn(message.gateways);
    this.#events.onAccepted(message);
    this.#enter({ status: 'online', gateway, sessionID: message.sessionID });
  }

  /** An error about the login is no refusal: this gateway cannot log anybody in just now. */
  #other(message: Exclude<ServerMessage, { type: 'loginResponse' }>): void {
    this.#events.onMessage(message);
    if (message.type === 'error' && message.re === 'login' && this.#state.status === 'connecting') this.#lost();
  }

  /** The socket is gone, or as good as gone. */
  #lost(): void {
    const settled = this.#state.status === 'online' && this.#deps.now() - this.#onlineSince >= SETTLED_MS;
    this.#failures = settled ? 1 : this.#failures + 1;
    this.#drop();
    const delayMs = backoffMs(this.#failures, this.#deps.random());
    this.#setTimer(delayMs, () => this.#connect());
    this.#enter({ status: 'waiting', gateway: this.#gateways[this.#next % this.#gateways.length] ?? '', delayMs });
  }

  #refused(error: SwitchboardError): void {
    this.#drop();
    this.#enter({ status: 'closed', error });
  }

  #drop(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #nextGateway(): string {
    const gateway = this.#gateways[this.#next % this.#gateways.length] ?? '';
    this.#next += 1;
    return gateway;
  }

  /** Gateways that only the server knew of are tried after those that the page named. */
  #learn(gateways: readonly string[] | undefined): void {
    const known = new Set(this.#gateways.map(socketURL));
    this.#gateways.push(...(gateways ?? []).filter((gateway) => !known.has(socketURL(gateway))));
  }

  #setTimer(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.later(delayMs, run);
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#events.onState(state);
  }
}
