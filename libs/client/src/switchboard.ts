/** The whole SDK behind one object: it logs in, places calls, and says who calls. */
import type { MediaKind } from '@switchboard/protocol';
import type { Call } from './call-api.ts';
import { Calls } from './calls.ts';
import { Connection, type ConnectionState, type Message } from './connection.ts';
import { browserDeps, type Deps } from './deps.ts';
import { Emitter } from './emitter.ts';
import { SwitchboardError } from './errors.ts';
import { devicesOf } from './media.ts';
import type { SwitchboardOptions } from './options.ts';
import { PresenceBoard, type OwnPresence, type Presence, type PresenceOf } from './presence.ts';
import { SessionStore } from './session/session-store.ts';
import { Session } from './session/session.ts';
import type { Accepted, ClientMessageInput } from './wire.ts';

export interface SwitchboardEvents {
  incoming: Call;
  /** A call that was alive before a reload and is back. */
  restored: Call;
  presence: PresenceOf;
  state: ConnectionState;
  error: SwitchboardError;
}

interface Waiter {
  resolve: () => void;
  reject: (error: SwitchboardError) => void;
}

export class Switchboard extends Emitter<SwitchboardEvents> {
  readonly userID: string;
  readonly #options: SwitchboardOptions;
  readonly #deps: Deps;
  readonly #connection: Connection;
  readonly #session: Session;
  readonly #calls: Calls;
  readonly #presence: PresenceBoard;
  #iceServers: RTCIceServer[];
  #waiters: Waiter[] = [];
  #graceMs = 0;
  #cancelGrace: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(options: SwitchboardOptions) {
    super();
    const deps = { ...browserDeps, ...options.deps };
    this.userID = options.userID;
    this.#options = options;
    this.#deps = deps;
    this.#iceServers = options.iceServers ?? [];
    const gateways = typeof options.gateways === 'string' ? [options.gateways] : options.gateways;
    const storage = options.storage === undefined ? deps.sessionStorage() : (options.storage ?? undefined);
    this.#session = new Session(deps, new SessionStore(storage, this.userID, gateways), options.deviceID);
    this.#calls = this.#makeCalls();
    this.#presence = new PresenceBoard((message) => this.#send(message));
    this.#connection = new Connection(deps, gateways, {
      makeLogin: () => this.#login(),
      isBusy: () => this.#calls.live().length > 0,
      onState: (state) => this.#connectionIs(state),
      onAccepted: (login) => this.#accepted(login),
      onMessage: (message) => this.#receive(message),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** The calls that are not over. */
  get calls(): Call[] {
    return this.#calls.live();
  }

  /** Resolves when logged in, be it at the tenth attempt; rejects if the server refuses this user. */
  connect(): Promise<void> {
    if (this.state.status === 'online') return Promise.resolve();
    this.#stopWatching ??= this.#watchBrowser();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#connection.open();
    });
  }

  /** Ends the calls, then the session: a reload does not bring it back. */
  disconnect(): void {
    for (const call of this.#calls.live()) call.hangUp();
    this.#goodbye();
    this.#settle((waiter) => waiter.reject(new SwitchboardError('session_closed', 'disconnected')));
  }

  /** Rings somebody. Throws `not_connected` if there is no gateway just now. */
  call(calleeID: string, { media = 'video' }: { media?: MediaKind } = {}): Call {
    if (this.state.status !== 'online')
      throw new SwitchboardError('not_connected', 'There is no connection to a gateway.');
    return this.#calls.place(calleeID, media);
  }

  /** From now on `presence` tells of these users (at most 500) and of nobody else. */
  watch(userIDs: readonly string[]): void {
    this.#presence.watch(userIDs);
  }

  /** The last that was heard of a user who is watched. */
  presenceOf(userID: string): Presence | undefined {
    return this.#presence.stateOf(userID);
  }

  /** What others see of this user while no call makes him busy. */
  setPresence(state: OwnPresence): void {
    this.#presence.setOwn(state);
  }

  #makeCalls(): Calls {
    let legs = 0;
    // Legs of the page before a reload belong to the same session.
    const page = Math.floor(this.#deps.random() * 36 ** 8).toString(36);
    const host = {
      userID: this.userID,
      deps: this.#deps,
      devices: devicesOf(this.#deps, this.#options.getMedia),
      isOnline: () => this.state.status === 'online',
      iceServers: () => this.#iceServers,
      nextLegID: () => `leg-${page}-${String((legs += 1))}`,
      send: (message: ClientMessageInput) => this.#send(message),
      onError: (error: SwitchboardError) => this.emit('error', error),
    };
    return new Calls(host, {
      onIncoming: (call) => this.emit('incoming', call),
      onRestored: (call) => this.emit('restored', call),
    });
  }

  #send(message: ClientMessageInput): void {
    this.#connection.send(message);
  }

  async #login(): Promise<Extract<ClientMessageInput, { type: 'login' }>> {
    const { token } = this.#options;
    const proof = typeof token === 'function' ? await token() : token;
    const resume = await this.#session.toResume(() => this.#calls.liveIDs());
    const { deviceID } = this.#session;
    return {
      type: 'login',
      userID: this.userID,
      capabilities: ['native', 'renegotiate'],
      ...(proof !== undefined && { token: proof }),
      ...(deviceID !== undefined && { deviceID }),
      ...(resume !== undefined && { resume }),
    };
  }

  /** With another session than the page had, its calls are gone. */
  #accepted({ sessionID, graceMs, iceServers }: Accepted): void {
    this.#graceMs = graceMs;
    if (iceServers.length > 0) this.#iceServers = iceServers.map(toRTC);
    if (this.#session.accepted(sessionID) === 'lost') this.#calls.lose('session');
  }

  #connectionIs(state: ConnectionState): void {
    if (state.status === 'online') this.#online();
    else if (state.status === 'closed') this.#closed(state.error);
    else if (state.status !== 'offline') this.#startGrace();
    this.emit('state', state);
  }

  #online(): void {
    this.#stopGrace();
    this.#calls.loggedIn();
    this.#presence.loggedIn();
    this.#settle((waiter) => waiter.resolve());
  }

  /** The server does not want this page back: whatever goes on, goes on elsewhere. */
  #closed(error: SwitchboardError): void {
    this.#calls.lose('session');
    this.#forget();
    this.#settle((waiter) => waiter.reject(error));
    this.emit('error', error);
  }

  /** Without a gateway the calls live on, but not longer than the server waits. */
  #startGrace(): void {
    if (this.#cancelGrace || this.#calls.live().length === 0) return;
    this.#cancelGrace = this.#deps.later(this.#graceMs, () => this.#calls.lose('time'));
  }

  #stopGrace(): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
  }

  #watchBrowser(): () => void {
    const stops = [
      this.#deps.onPageHide((persisted) => this.#pageHides(persisted)),
      this.#deps.onNetworkBack(() => this.#connection.networkIsBack()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Others see at once that this user is gone. With a call it is a reload, perhaps: the session waits for the next page. */
  #pageHides(persisted: boolean): void {
    if (!persisted && this.#calls.live().length === 0) this.#goodbye();
  }

  #goodbye(): void {
    this.#forget();
    this.#connection.close();
  }

  /** What is kept belongs to the next Switchboard of this page, if there is one. */
  #forget(): void {
    this.#stopGrace();
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#session.forget();
  }

  #settle(how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach(how);
  }

  #receive(message: Message): void {
    if (message.type !== 'presenceChanged') return this.#calls.receive(message);
    const news = this.#presence.changed(message);
    if (news) this.emit('presence', news);
  }
}

function toRTC({ urls, username, credential }: Accepted['iceServers'][number]): RTCIceServer {
  return { urls, ...(username !== undefined && { username }), ...(credential !== undefined && { credential }) };
}
