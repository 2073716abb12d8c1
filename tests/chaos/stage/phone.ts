/**
 * A user with our own SDK in Node: real sockets, synthetic media. It comes back by itself when its socket breaks, on another
 * gateway, as a page does. One call at a time. Everything that it asks of the service is kept, so that the log can be held
 * against it.
 */
import { Switchboard, type Call, type Deps, type EndedState, type Socket } from '@switchboard/client';
import { eventually, WebSocket, type Cluster } from '@switchboard/testkit';
import { MediaEnd, Stream, Track } from './media-end.ts';

export interface Asked {
  readonly requestID: string;
  /** What the service answered instead of placing the call; undefined: nothing. */
  refused: string | undefined;
}

export class Phone {
  readonly userID: string;
  readonly board: Switchboard;
  readonly asked: Asked[] = [];
  media = new MediaEnd();
  /** `performance.now()` when it was last logged in, and how often its connection broke. */
  onlineSince = 0;
  breaks = 0;
  /** How often the service said that it cannot do something now. */
  refusals = 0;
  readonly #rings: Call[] = [];

  private constructor(gateways: readonly string[], userID: string) {
    this.userID = userID;
    const deps = this.#deps() as unknown as Partial<Deps>;
    const getMedia = () =>
      Promise.resolve(new Stream(new Track('audio'), new Track('video')) as unknown as MediaStream);
    this.board = new Switchboard({ gateways, userID, storage: null, getMedia, deps });
    this.board.on('incoming', (call) => this.#rings.push(call));
    this.board.on('error', ({ code, re }) => this.#error(code, re));
    this.board.on('state', ({ status }) => {
      if (status === 'online') this.onlineSince = performance.now();
      if (status === 'waiting') this.breaks += 1;
    });
  }

  /** Logged in at the gateway of this number, and at the next one later. */
  static async join(cluster: Pick<Cluster, 'gateways' | 'page'>, userID: string, gateway: number): Promise<Phone> {
    const count = cluster.gateways.length;
    const gateways = Array.from({ length: count }, (_, index) => cluster.page((gateway + index) % count));
    const phone = new Phone(gateways, userID);
    await phone.board.connect();
    return phone;
  }

  get isOnline(): boolean {
    return this.board.state.status === 'online';
  }

  /** The port of the gateway that it is logged in at. */
  get gatewayPort(): number | undefined {
    const { state } = this.board;
    return state.status === 'online' ? Number(new URL(state.gateway).port) : undefined;
  }

  call(callee: string): Call {
    this.media = new MediaEnd();
    return this.board.call(callee);
  }

  /** The call of this caller that rings here, now or within the time; undefined if `stop` says that it will not. */
  async rung(caller: string, withinMs: number, stop: () => boolean): Promise<Call | undefined> {
    const found = await eventually(
      `a call of ${caller} rings at ${this.userID}`,
      () =>
        this.#rings.find(({ peerID, state }) => peerID === caller && state.phase === 'incoming') ?? (stop() && 'no'),
      withinMs,
    );
    this.#rings.length = 0;
    return found === 'no' ? undefined : found;
  }

  accept(call: Call): void {
    this.media = new MediaEnd();
    call.accept();
  }

  leave(): void {
    this.board.disconnect();
  }

  #error(code: string, re: string | undefined): void {
    if (code === 'service_unavailable') this.refusals += 1;
    const last = this.asked.at(-1);
    if (re === 'call' && last) last.refused = code;
  }

  #deps() {
    return {
      openSocket: (url: string) => this.#openSocket(url),
      openPeer: () => this.media.open(),
      newStream: () => new Stream(),
    };
  }

  #openSocket(url: string): Socket {
    const socket = new WebSocket(url, { rejectUnauthorized: false });
    socket.on('error', () => undefined);
    const send = socket.send.bind(socket);
    socket.send = (text: string) => {
      const { type, requestID } = JSON.parse(text) as { type: string; requestID?: string };
      const isNew = type === 'call' && requestID && !this.asked.some((each) => each.requestID === requestID);
      if (isNew) this.asked.push({ requestID, refused: undefined });
      if (socket.readyState === WebSocket.OPEN) send(text);
    };
    return socket as unknown as Socket;
  }
}

export const hasEnded = (call: Call): EndedState | undefined => (call.state.phase === 'ended' ? call.state : undefined);
export const isConnected = (call: Call): boolean => call.state.phase === 'connected';
