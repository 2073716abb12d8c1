/**
 * Answers of KMS stall for 40 ms, again and again: its side runs Nagle's algorithm, ours delays ACKs. A WebSocket ping each
 * millisecond while a request is in flight carries the ACK that KMS waits for: p95 45 ms becomes 5 ms (docs/decisions/0005).
 *
 * Invariant: no ping when nothing is in flight, nor after `BURST_MS` of waiting for the same requests (a slow answer is work
 * then), nor while MAX_UNANSWERED are unanswered: the server is busy, and finds them all at once when it has time. A server
 * on ws 8.23 cuts whoever has 60 of them waiting.
 */
import type { RawSocket } from './library.ts';

const OPEN = 1;
const BURST_MS = 250;
const MAX_UNANSWERED = 10;

export class AckPump {
  readonly #intervalMs: number;
  #socket: RawSocket | undefined;
  #unanswered = 0;
  #inFlight = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param intervalMs 0 sends no pings at all */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  use(socket: RawSocket): void {
    this.#socket = socket;
    this.#unanswered = 0;
    socket.on('pong', () => {
      if (socket === this.#socket) this.#unanswered = 0;
    });
  }

  begin(): void {
    this.#inFlight += 1;
    this.#startedAt = performance.now();
    if (this.#intervalMs > 0) this.#timer ??= setInterval(() => this.#ping(), this.#intervalMs);
  }

  end(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#stop();
  }

  #ping(): void {
    if (performance.now() - this.#startedAt > BURST_MS) return this.#stop();
    if (this.#socket?.readyState !== OPEN || this.#unanswered === MAX_UNANSWERED) return;
    this.#unanswered += 1;
    this.#socket.ping();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
