/**
 * One socket to one gateway: it logs in, hands on what comes, and watches whether the gateway is still there.
 *
 *   opening ──accepted──▶ serving ──closed, silent──▶ over
 *      └──refused, closed, no answer in time──────────▲
 *
 * Invariants: it is over once, and says nothing after that; nor after it was dropped.
 */
import type { CLOSE } from '@switchboard/protocol';
import type { Deps, Socket } from '../deps.ts';
import { SwitchboardError, type SwitchboardErrorCode } from '../errors.ts';
import { readMessage, socketURL, type Accepted, type ClientMessageInput, type ServerMessage } from '../wire.ts';
import { Pulse } from './pulse.ts';

export type Login = Extract<ClientMessageInput, { type: 'login' }>;
export type Said = Exclude<ServerMessage, { type: 'loginResponse' | 'pong' }>;

export interface LinkEvents {
  makeLogin(): Promise<Login>;
  /** How long a gateway may be quiet before it is asked whether it is there, ms. */
  quietMs(): number;
  onAccepted(link: Link, login: Accepted): void;
  onMessage(link: Link, message: Said): void;
  /** `error`: the server does not want this client back. */
  onOver(link: Link, error: SwitchboardError | undefined): void;
}

const LOGIN_TIMEOUT_MS = 10_000;
/** Codes of a client that closes its socket: a goodbye ends the session, any other leaves it waiting. */
const GOODBYE = 1000;
const COMING_BACK = 4000;
/** Close codes after which a client does not come back by itself. */
const FINAL: ReadonlyMap<number, SwitchboardErrorCode> = new Map<Final, SwitchboardErrorCode>([
  [1008, 'session_closed'],
  [4001, 'session_taken_over'],
]);
type Final = Extract<(typeof CLOSE)[keyof typeof CLOSE], { resume: false }>['code'];

export class Link {
  readonly gateway: string;
  readonly #events: LinkEvents;
  readonly #pulse: Pulse;
  #socket: Socket | undefined;
  #serves = false;
  readonly #cancelTimeout: () => void;

  constructor(deps: Pick<Deps, 'openSocket' | 'later'>, gateway: string, events: LinkEvents) {
    this.gateway = gateway;
    this.#events = events;
    this.#pulse = new Pulse(deps, {
      quietMs: () => events.quietMs(),
      ask: () => this.send({ type: 'ping' }),
      onSilent: () => this.#over(),
    });
    const socket = deps.openSocket(socketURL(gateway));
    this.#socket = socket;
    this.#cancelTimeout = deps.later(LOGIN_TIMEOUT_MS, () => this.#over());
    socket.onopen = () => void this.#login();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => {
      const final = FINAL.get(code);
      this.#over(final && new SwitchboardError(final, reason || `closed with ${String(code)}`));
    };
  }

  send(message: ClientMessageInput): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Asks at once whether the gateway is still there. */
  check(): void {
    if (this.#serves) this.#pulse.ask();
  }

  /** `goodbye`: the server is not to wait for this session. */
  drop(how: 'goodbye' | 'coming-back'): void {
    this.#cancelTimeout();
    this.#pulse.stop();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(how === 'goodbye' ? GOODBYE : COMING_BACK);
  }

  async #login(): Promise<void> {
    try {
      this.send(await this.#events.makeLogin());
    } catch (cause) {
      this.#over(new SwitchboardError('auth_failed', 'There is no token.', { cause }));
    }
  }

  #receive(data: unknown): void {
    const message = readMessage(data);
    if (this.#serves) this.#pulse.heard();
    if (!message || message.type === 'pong') return;
    if (message.type !== 'loginResponse') return this.#hear(message);
    if (message.content === 'rejected') return this.#over(new SwitchboardError('auth_failed', message.error));
    this.#cancelTimeout();
    this.#serves = true;
    this.#pulse.heard();
    this.#events.onAccepted(this, message);
  }

  /** An error about the login is no refusal: this gateway cannot log anybody in just now. */
  #hear(message: Said): void {
    this.#events.onMessage(this, message);
    if (message.type === 'error' && message.re === 'login' && !this.#serves) this.#over();
  }

  #over(error?: SwitchboardError): void {
    if (!this.#socket) return;
    this.drop('coming-back');
    this.#events.onOver(this, error);
  }
}
