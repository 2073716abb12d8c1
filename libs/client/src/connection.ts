/**
 * The way to the service over one gateway at a time, and who is logged in on it.
 *
 *   offline → connecting → online → waiting → connecting → …      a gateway is lost: another one, a little later
 *                any     → offline                                `close`
 *                any     → closed {error}                         the server said not to come back
 *
 * A gateway that goes away says so, and when to leave: the client logs in elsewhere while the old link still serves, and is
 * online all the time. If the old link ends before that is done, the new one is all there is: connecting.
 */
import { backoffMs } from './backoff.ts';
import type { Deps } from './deps.ts';
import type { SwitchboardError } from './errors.ts';
import { Gateways } from './session/gateways.ts';
import { Link, type LinkEvents, type Login, type Said } from './session/link.ts';
import { socketURL, type Accepted, type ClientMessageInput } from './wire.ts';

export type ConnectionState =
  | { status: 'offline' }
  | { status: 'connecting'; gateway: string }
  | { status: 'online'; gateway: string; sessionID: string }
  | { status: 'waiting'; gateway: string; delayMs: number }
  | { status: 'closed'; error: SwitchboardError };

/** What a page is told: the rest is between the gateways and this file. */
export type Message = Exclude<Said, { type: 'reconnect' }>;

export interface ConnectionEvents {
  makeLogin(): Promise<Login>;
  /** A call lives: it is to be known soon if the gateway is gone. */
  isBusy(): boolean;
  onState(state: ConnectionState): void;
  onAccepted(login: Accepted): void;
  onMessage(message: Message): void;
}

/** A session that lasted this long was a good one: the next failure is the first again. */
const SETTLED_MS = 5_000;
const QUIET_MS = { idle: 30_000, busy: 5_000 };

export class Connection {
  readonly #deps: Deps;
  readonly #events: ConnectionEvents;
  readonly #gateways: Gateways;
  #failures = 0;
  #onlineSince = 0;
  #state: ConnectionState = { status: 'offline' };
  /** The one that serves, or that is to. */
  #link: Link | undefined;
  /** It logs in elsewhere while `#link` still serves. */
  #successor: Link | undefined;
  /** `#link`'s gateway goes away. */
  #leaving = false;
  #cancelTimer: () => void = () => undefined;

  constructor(deps: Deps, gateways: readonly string[], events: ConnectionEvents) {
    this.#deps = deps;
    this.#gateways = new Gateways(gateways, deps.random);
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
    if (this.#state.status !== 'online' || !this.#link) return false;
    this.#link.send(message);
    return true;
  }

  /** There is a network (again), perhaps another one. */
  networkIsBack(): void {
    if (this.#state.status === 'waiting') this.#connect();
    else this.#link?.check();
  }

  #connect(): void {
    this.#cancelTimer();
    this.#link = this.#openLink();
    this.#enter({ status: 'connecting', gateway: this.#link.gateway });
  }

  #openLink(): Link {
    const events: LinkEvents = {
      makeLogin: () => this.#events.makeLogin(),
      quietMs: () => (this.#events.isBusy() ? QUIET_MS.busy : QUIET_MS.idle),
      onAccepted: (link, login) => this.#accepted(link, login),
      onMessage: (link, message) => this.#receive(link, message),
      onOver: (link, error) => this.#over(link, error),
    };
    return new Link(this.#deps, this.#gateways.take(), events);
  }

  #accepted(link: Link, login: Accepted): void {
    if (link === this.#successor) this.#link?.drop('coming-back');
    this.#link = link;
    this.#successor = undefined;
    this.#leaving = false;
    this.#onlineSince = this.#deps.now();
    this.#gateways.learn(login.gateways, socketURL);
    this.#events.onAccepted(login);
    this.#enter({ status: 'online', gateway: link.gateway, sessionID: login.sessionID });
  }

  #receive(link: Link, message: Said): void {
    if (message.type !== 'reconnect') return this.#events.onMessage(message);
    if (link !== this.#link || this.#state.status !== 'online') return;
    this.#leaving = true;
    this.#failures = 0;
    this.#gateways.lost(link.gateway);
    this.#setTimer(message.afterMs, () => this.#move());
  }

  #move(): void {
    this.#successor = this.#openLink();
  }

  #over(link: Link, error: SwitchboardError | undefined): void {
    if (link === this.#successor) return this.#moveLater();
    // By our own successor, whatever became of that one.
    const takenOver = this.#leaving && error?.code === 'session_taken_over';
    if (error && !takenOver) this.#refused(error);
    else if (this.#successor) this.#succeed(this.#successor);
    else this.#lost(link);
  }

  /** As long as the old link serves there is time to try another gateway. */
  #moveLater(): void {
    this.#successor = undefined;
    this.#failures += 1;
    this.#setTimer(backoffMs(this.#failures, this.#deps.random()), () => this.#move());
  }

  #succeed(successor: Link): void {
    this.#link = successor;
    this.#successor = undefined;
    this.#enter({ status: 'connecting', gateway: successor.gateway });
  }

  #lost(link: Link): void {
    const wasOnline = this.#state.status === 'online';
    const settled = wasOnline && this.#deps.now() - this.#onlineSince >= SETTLED_MS;
    this.#failures = settled ? 1 : this.#failures + 1;
    if (wasOnline && !this.#leaving) this.#gateways.lost(link.gateway);
    this.#drop();
    const delayMs = backoffMs(this.#failures, this.#deps.random());
    this.#setTimer(delayMs, () => this.#connect());
    this.#enter({ status: 'waiting', gateway: this.#gateways.next, delayMs });
  }

  #refused(error: SwitchboardError): void {
    this.#drop();
    this.#enter({ status: 'closed', error });
  }

  #drop(): void {
    this.#cancelTimer();
    for (const link of [this.#successor, this.#link]) link?.drop('goodbye');
    this.#link = this.#successor = undefined;
    this.#leaving = false;
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
