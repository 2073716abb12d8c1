/**
 * Requests that are on their way. Kurento answers over the socket that asked; if that broke, the answer is lost, though the session
 * goes on. So they are asked again, as they were: Kurento knows a request by its number, does none twice, and gives its first answer.
 */
import type { RawSocket } from './library.ts';

interface Request {
  readonly frame: string;
  readonly socket: RawSocket;
  readonly at: number;
}

/** What belongs to one socket. */
const OF_SOCKET = new Set(['ping', 'connect']);

export class Unanswered {
  readonly #deadlineMs: number;
  /** By number, in the order of asking. */
  readonly #requests = new Map<number, Request>();
  #socket: RawSocket | undefined;

  /** @param deadlineMs after so long nobody waits for an answer */
  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** Notes what goes over this socket from now on. */
  use(socket: RawSocket): void {
    const send = socket.send.bind(socket);
    this.#socket = socket;
    socket.send = (frame) => {
      this.#sent(frame, socket);
      send(frame);
    };
    socket.on('message', (data) => {
      const { id } = read(String(data));
      if (id !== undefined) this.#requests.delete(id);
    });
  }

  /** The session goes on over the newest socket. */
  askAgain(): void {
    this.#expire();
    const lost = [...this.#requests.values()].filter(({ socket }) => socket !== this.#socket);
    for (const { frame } of lost) this.#socket?.send(frame);
  }

  clear(): void {
    this.#requests.clear();
  }

  #sent(frame: string, socket: RawSocket): void {
    this.#expire();
    const { id, method = '' } = read(frame);
    if (id === undefined || OF_SOCKET.has(method)) return;
    const at = this.#requests.get(id)?.at ?? performance.now();
    this.#requests.set(id, { frame, socket, at });
  }

  #expire(): void {
    const oldest = performance.now() - this.#deadlineMs;
    for (const [id, { at }] of this.#requests) {
      if (at > oldest) return;
      this.#requests.delete(id);
    }
  }
}

interface Rpc {
  readonly id?: number;
  readonly method?: string;
}

function read(frame: string): Rpc {
  try {
    return JSON.parse(frame) as Rpc;
  } catch {
    return {};
  }
}
