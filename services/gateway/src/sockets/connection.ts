/**
 * One client's socket: its limits, its heartbeat and its end.
 *
 *   open ──close(why), the client closes, a limit is passed──> closing ──closed, or 2 s later──> closed
 *
 * Invariants: nothing is read or written once it is closing; `onClosed` is called once, when closing begins.
 */
import type { Clock } from '@switchboard/event-log';
import { CLOSE, type ServerMessage } from '@switchboard/protocol';
import type { RawData, WebSocket } from 'ws';
import type { Wire } from '../session/session.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Limits {
  readonly perSecond: number;
  readonly burst: number;
  readonly sendBufferBytes: number;
  readonly heartbeatMs: number;
}

export interface ConnectionEvents {
  onText(text: string): void;
  onBinary(): void;
  /** `code`: the client's, or ours if we closed it. */
  onClosed(code: number): void;
}

export type CloseReason = keyof typeof CLOSE;
const TERMINATE_MS = 2000;
/** The code that ws reports when there was no close frame at all. */
const ABNORMAL = 1006;

export class Connection implements Wire {
  readonly #ws: WebSocket;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  #events: ConnectionEvents | undefined;
  #heard: number;

  constructor(ws: WebSocket, limits: Limits, clock: Clock) {
    this.#ws = ws;
    this.#limits = limits;
    this.#clock = clock;
    this.#heard = clock.monotonic();
    this.#bucket = new TokenBucket(limits, this.#heard);
  }

  /** Begins to read. Called once, before anything has been received. */
  listen(events: ConnectionEvents): void {
    this.#events = events;
    const hear = () => (this.#heard = this.#clock.monotonic());
    this.#ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#ws.on('ping', hear);
    this.#ws.on('pong', hear);
    this.#ws.on('close', (code) => this.#end(code));
    // A frame that is too long (1009) or broken (1002, 1007): ws closes the socket by itself, all that is left is to know.
    this.#ws.on('error', () => this.#terminateSoon());
  }

  send(message: ServerMessage, written?: () => void): void {
    if (this.#events === undefined) return;
    if (this.#ws.bufferedAmount > this.#limits.sendBufferBytes) {
      this.#ws.terminate();
      this.#end(ABNORMAL);
      return;
    }
    this.#ws.send(JSON.stringify(message), (error) => {
      if (!error) written?.();
    });
  }

  close(why: CloseReason, reason = ''): void {
    const { code } = CLOSE[why];
    this.#ws.close(code, reason);
    this.#terminateSoon();
    this.#end(code);
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  charge(messages: number): boolean {
    const isWithin = this.#bucket.take(this.#clock.monotonic(), messages);
    if (!isWithin) this.close('rateExceeded', 'too many messages');
    return isWithin;
  }

  /** Pings; a socket from which nothing came for two beats is closed. */
  beat(): void {
    if (this.#events === undefined) return;
    if (this.#clock.monotonic() - this.#heard > 2 * this.#limits.heartbeatMs) this.close('silent', 'no sign of life');
    else this.#ws.ping();
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heard = this.#clock.monotonic();
    if (this.#events === undefined) return;
    if (!this.charge(1)) return;
    if (isBinary) this.#events.onBinary();
    else this.#events.onText(textOf(data));
  }

  #end(code: number): void {
    const events = this.#events;
    this.#events = undefined;
    events?.onClosed(code);
  }

  /** Whoever does not answer our close frame is cut off. */
  #terminateSoon(): void {
    const cancel = this.#clock.timer(TERMINATE_MS, () => this.#ws.terminate());
    this.#ws.once('close', cancel);
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString();
}
