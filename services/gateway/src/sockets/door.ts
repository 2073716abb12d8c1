/**
 * Lets new connections in a few at a time, so that a storm of them (all clients of a gateway that died) can't keep this one from
 * its beats, its other clients and its health check: a TLS handshake costs more than anything else here.
 *
 * Every PERIOD_MS there is room for WIDE, or for one if the event loop is late: then it has enough to do. Invariants: who comes
 * first is let in first; MOST_WAITING wait at most and none longer than PATIENCE_MS. The others are cut off and come back later:
 * a handshake with a client that has given up would be work for nothing.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@switchboard/event-log';

export interface DoorOptions {
  readonly clock: Clock;
  readonly onTurnedAway: () => void;
}

interface Waiting {
  readonly socket: Socket;
  readonly since: number;
  readonly letIn: () => void;
}

const PERIOD_MS = 10;
const WIDE = 8;
const MOST_WAITING = 10_000;
const PATIENCE_MS = 5000;

export class Door {
  readonly #options: DoorOptions;
  #waiting: Waiting[] = [];
  #room = WIDE;
  #isTicking = false;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** From now on what connects to this server comes through the door. */
  guard(server: Server): void {
    const takers = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      this.#arrive(socket, () => takers.forEach((take) => take.call(server, socket)));
    });
  }

  #arrive(socket: Socket, take: () => void): void {
    this.#tick();
    if (this.#room > 0 && this.#waiting.length === 0) {
      this.#room -= 1;
      take();
      return;
    }
    if (this.#waiting.length >= MOST_WAITING) {
      this.#turnAway(socket);
      return;
    }
    const destroy = () => socket.destroy();
    socket.pause();
    socket.on('error', destroy);
    const letIn = () => {
      socket.off('error', destroy);
      take();
      socket.resume();
    };
    this.#waiting.push({ socket, since: this.#options.clock.monotonic(), letIn });
  }

  /** Goes on for as long as somebody waits. */
  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    const { clock } = this.#options;
    const due = clock.monotonic() + PERIOD_MS;
    clock.timer(PERIOD_MS, () => {
      this.#isTicking = false;
      const isLate = clock.monotonic() - due >= PERIOD_MS;
      this.#room = isLate ? 1 : WIDE;
      this.#letSomeIn();
      if (this.#room < WIDE) this.#tick();
    });
  }

  #letSomeIn(): void {
    const impatient = this.#options.clock.monotonic() - PATIENCE_MS;
    let next = 0;
    for (; next < this.#waiting.length && this.#room > 0; next += 1) {
      const { socket, since, letIn } = this.#waiting[next] as Waiting;
      if (socket.destroyed) continue;
      if (since < impatient) {
        this.#turnAway(socket);
        continue;
      }
      this.#room -= 1;
      letIn();
    }
    this.#waiting = this.#waiting.slice(next);
  }

  #turnAway(socket: Socket): void {
    this.#options.onTurnedAway();
    socket.destroy();
  }
}
