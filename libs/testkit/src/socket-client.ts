/** A client at the level of the wire: sends JSON, keeps what comes, and waits for what it expects. */
import WebSocket from 'ws';
import { eventually, within } from './wait.ts';

export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

export class SocketClient {
  /** Every frame that came, oldest first. */
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  readonly #closed: Promise<{ code: number }>;
  readonly #listeners = new Set<(frame: Frame) => void>();
  #taken = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        resolve({ code });
      });
    });
    socket.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as Frame;
      this.frames.push(frame);
      for (const listener of this.#listeners) listener(frame);
    });
    socket.on('error', () => undefined);
  }

  static async connect(url: string, options: WebSocket.ClientOptions = {}): Promise<SocketClient> {
    const socket = new WebSocket(url, { rejectUnauthorized: false, ...options });
    const client = new SocketClient(socket);
    const open = new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        reject(new Error(`refused with ${String(response.statusCode)}`));
      });
    });
    await within(10_000, `a socket to ${url}`, open);
    return client;
  }

  /** Calls `listener` for each frame that comes from now on. */
  onFrame(listener: (frame: Frame) => void): void {
    this.#listeners.add(listener);
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next frame of this type that no `next` has given yet; those before it are passed over. */
  async next(type: string, withinMs = 10_000): Promise<Frame> {
    return eventually(
      `a frame of type ${type}`,
      () => {
        const at = this.frames.findIndex((frame, index) => index >= this.#taken && frame.type === type);
        if (at < 0) return undefined;
        this.#taken = at + 1;
        return this.frames[at];
      },
      withinMs,
    );
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when a ping sent now is answered: everything sent before was read by then. */
  async ping(): Promise<void> {
    const pong = new Promise<void>((resolve) =>
      this.#socket.once('pong', () => {
        resolve();
      }),
    );
    this.#socket.ping();
    await within(10_000, 'a pong', pong);
  }

  closed(withinMs = 10_000): Promise<{ code: number }> {
    return within(withinMs, 'the socket closes', this.#closed);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed();
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
