/** The whole SDK behind one object: it logs in, places calls, and says who calls. */
import type { MediaKind } from '@switchboard/protocol';
import { CallBook } from './call-book.ts';
import type { Call } from './call-api.ts';
import { LiveCall, type CallHost } from './call.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { browserDeps, type Deps } from './deps.ts';
import { Emitter } from './emitter.ts';
import { SwitchboardError } from './errors.ts';
import { deviceMedia } from './media.ts';
import type { SwitchboardOptions } from './options.ts';
import type { ClientMessageInput, MessageOf, ServerMessage } from './wire.ts';

export interface SwitchboardEvents {
  incoming: Call;
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
  readonly #host: CallHost;
  readonly #connection: Connection;
  readonly #book = new CallBook();
  #iceServers: RTCIceServer[];
  #waiters: Waiter[] = [];
  #legs = 0;

  constructor(options: SwitchboardOptions) {
    super();
    const deps = { ...browserDeps, ...options.deps };
    this.userID = options.userID;
    this.#options = options;
    this.#iceServers = options.iceServers ?? [];
    this.#host = this.#makeHost(deps);
    const gateways = typeof options.gateways === 'string' ? [options.gateways] : options.gateways;
    this.#connection = new Connection(deps, gateways, () => this.#login(), {
      onState: (state) => this.#connectionIs(state),
      onAccepted: ({ iceServers }) => this.#useIceServers(iceServers),
      onMessage: (message) => this.#receive(message),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** The calls that are not over. */
  get calls(): Call[] {
    return this.#book.live();
  }

  /** Resolves when logged in, be it at the tenth attempt; rejects if the server refuses this user. */
  connect(): Promise<void> {
    if (this.state.status === 'online') return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#connection.open();
    });
  }

  /** Ends the calls, then the session. */
  disconnect(): void {
    for (const call of this.#book.live()) call.hangUp();
    this.#connection.close();
    this.#settle((waiter) => waiter.reject(new SwitchboardError('session_closed', 'disconnected')));
  }

  call(calleeID: string, { media = 'video' }: { media?: MediaKind } = {}): Call {
    if (this.state.status !== 'online')
      throw new SwitchboardError('not_connected', 'There is no connection to a gateway.');
    const requestID = crypto.randomUUID();
    const call = new LiveCall(this.#host, {
      direction: 'outgoing',
      peerID: calleeID,
      media,
      legID: this.#nextLeg(),
      requestID,
    });
    this.#book.add(call);
    void call.place();
    return call;
  }

  #makeHost(deps: Deps): CallHost {
    return {
      userID: this.userID,
      deps,
      getMedia: this.#options.getMedia ?? deviceMedia(deps),
      iceServers: () => this.#iceServers,
      send: (message) => this.#send(message),
      onError: (error) => this.emit('error', error),
      onPlaced: (call) => this.#book.sent(call),
      onEnded: (call) => this.#book.close(call),
    };
  }

  #send(message: ClientMessageInput): void {
    this.#connection.send(message);
  }

  async #login(): Promise<Extract<ClientMessageInput, { type: 'login' }>> {
    const { token, deviceID } = this.#options;
    const proof = typeof token === 'function' ? await token() : token;
    return {
      type: 'login',
      userID: this.userID,
      capabilities: ['native'],
      ...(proof !== undefined && { token: proof }),
      ...(deviceID !== undefined && { deviceID }),
    };
  }

  #connectionIs(state: ConnectionState): void {
    if (state.status !== 'online') this.#loseCalls();
    if (state.status === 'online') this.#settle((waiter) => waiter.resolve());
    if (state.status === 'closed') {
      this.#settle((waiter) => waiter.reject(state.error));
      this.emit('error', state.error);
    }
    this.emit('state', state);
  }

  /** The server ends a session's calls when its socket closes, and a new session knows nothing of them. */
  #loseCalls(): void {
    for (const call of this.#book.live()) call.end({ phase: 'ended', reason: 'connection_lost', endedBy: 'system' });
    this.#book.forgetUnnamed();
  }

  #settle(how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach(how);
  }

  #receive(message: Exclude<ServerMessage, { type: 'loginResponse' }>): void {
    switch (message.type) {
      case 'incomingCall':
        return this.#ring(message);
      case 'iceCandidate':
        return this.#book.find(message, 'known')?.addCandidate(message.candidate);
      case 'callProgress':
      case 'callResponse':
        return this.#book.find(message, 'naming')?.receive(message);
      case 'startCommunication':
      case 'stopCommunication':
        return this.#book.find(message, 'known')?.receive(message);
      case 'error':
        return this.#complain(message);
      default:
        return message satisfies never;
    }
  }

  #ring({ callerID, callID, n, media = 'video' }: MessageOf<'incomingCall'>): void {
    if (callID === undefined || this.#book.isKnown(callID)) return;
    const call = new LiveCall(this.#host, {
      direction: 'incoming',
      peerID: callerID,
      media,
      legID: this.#nextLeg(),
      callID,
      ...(n !== undefined && { n }),
    });
    this.#book.add(call);
    this.#send({ type: 'ringing', callID });
    this.emit('incoming', call);
  }

  /** What the server would not take in never becomes a call, so the call that it was about ends here. */
  #complain({ code, message, re }: MessageOf<'error'>): void {
    this.emit('error', new SwitchboardError(code, message, { re }));
    if (re === 'call') this.#book.takeRefused()?.end({ phase: 'ended', reason: 'service_error', endedBy: 'system' });
    if (re === 'incomingCallResponse') this.#book.accepting()?.acceptRefused(code === 'not_ringing');
  }

  #useIceServers(iceServers: Extract<MessageOf<'loginResponse'>, { content: 'accepted' }>['iceServers']): void {
    if (iceServers.length === 0) return;
    this.#iceServers = iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    }));
  }

  #nextLeg(): string {
    this.#legs += 1;
    return `leg-${String(this.#legs)}`;
  }
}
