/** A client's socket: frames in order both ways, each taking its time. What is on the way when it breaks is lost. */
import type { GatewayMessage, SessionID, UserID, CallID, MediaKind } from '@switchboard/protocol';
import type { SimClock } from '../engine/clock.ts';
import type { Weather } from '../engine/weather.ts';

/** What a client says; the words of docs/protocol.md, as far as the log hears of them. */
export type Upward =
  | { readonly type: 'login'; readonly resume: Resume | undefined }
  | {
      readonly type: 'call';
      readonly calleeID: UserID;
      readonly requestID: string;
      readonly media: MediaKind;
      readonly leg: string;
    }
  | { readonly type: 'ringing' | 'reject'; readonly callID: CallID }
  | { readonly type: 'accept' | 'renegotiate'; readonly callID: CallID; readonly leg: string }
  | { readonly type: 'stop'; readonly callID: CallID | undefined; readonly requestID: string | undefined }
  | { readonly type: 'show'; readonly callID: CallID; readonly video: boolean }
  | { readonly type: 'watch'; readonly userID: UserID };

export interface Resume {
  readonly sessionID: SessionID;
  readonly fresh: boolean;
  readonly calls: readonly CallID[];
}

/** What it hears. `requestID`: of the call that this client placed. `sdp`: of an answer. */
export interface Downward {
  readonly message: GatewayMessage;
  readonly requestID: string | undefined;
  readonly sdp: string | undefined;
}

export interface SocketParts {
  readonly clock: SimClock;
  readonly weather: Weather;
  readonly id: SessionID;
  readonly trace: (what: string) => void;
}

export class Socket {
  readonly id: SessionID;
  onUp: (frame: Upward) => void = () => undefined;
  onDown: (frame: Downward) => void = () => undefined;
  /** The gateway closed it, or died. */
  onServerClosed: () => void = () => undefined;
  /** The client's end is gone. `goodbye`: with a close code of its own. */
  onClientClosed: (goodbye: boolean) => void = () => undefined;
  readonly #parts: SocketParts;
  #open = true;
  /** Broken, and one end does not know yet. */
  #breaking = false;
  /** On their way. */
  #frames = 0;
  readonly #free = { up: 0, down: 0 };

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.id = parts.id;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Something is on its way, or one end does not know yet that it broke. */
  get isBusy(): boolean {
    return this.#breaking || (this.#open && this.#frames > 0);
  }

  up(frame: Upward): void {
    this.#send('up', () => {
      this.#parts.trace(`${this.id} → ${JSON.stringify(frame)}`);
      this.onUp(frame);
    });
  }

  down(frame: Downward): void {
    this.#send('down', () => {
      this.#parts.trace(`${this.id} ← ${JSON.stringify(frame)}`);
      this.onDown(frame);
    });
  }

  /** The gateway notices after `noticedMs`. A goodbye comes after the frames before it. */
  closeByClient(goodbye: boolean, noticedMs: number): void {
    if (!this.#open) return;
    if (goodbye) {
      this.#send('up', () => {
        this.#open = false;
        this.onClientClosed(true);
      });
      return;
    }
    this.#break(noticedMs, () => {
      this.onClientClosed(false);
    });
  }

  /** The client notices after `noticedMs`. */
  closeByServer(noticedMs: number): void {
    if (!this.#open) return;
    this.#break(noticedMs, () => {
      this.onServerClosed();
    });
  }

  #break(noticedMs: number, noticed: () => void): void {
    this.#open = false;
    this.#breaking = true;
    this.#parts.clock.timer(noticedMs, () => {
      this.#breaking = false;
      noticed();
    });
  }

  #send(way: 'up' | 'down', arrive: () => void): void {
    const { clock, weather } = this.#parts;
    this.#frames += 1;
    const now = clock.monotonic();
    const latency = weather.between(1, 25, `${this.id} ${way} ${String(now)}`);
    this.#free[way] = Math.max(this.#free[way], now + latency);
    clock.timer(this.#free[way] - now, () => {
      this.#frames -= 1;
      if (this.#open) arrive();
    });
  }
}
