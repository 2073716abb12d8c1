/**
 * The way between two processes, as a TCP proxy of this machine that a test can spoil:
 *
 *   open ──cut──▶ refused: connections break, new ones too      ──mend──▶ open
 *        ──silence──▶ silent: nothing passes, nobody is told     ──mend──▶ open, and what was held arrives
 *        ──slow(ms)──▶ open, what the client says is late by ms  ──mend──▶ open
 *        ──loseReplies(n)──▶ open; the next n replies are lost after the server took the request, each with its connection
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export class Proxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refuses = false;
  #delayMs = 0;
  #repliesToLose = 0;
  /** Pending while it is silent. */
  #passable: Promise<void> = Promise.resolve();
  #unsilence: () => void = () => undefined;

  private constructor(target: number, server: Server) {
    this.#target = target;
    this.#server = server;
    server.on('connection', (client) => this.#connect(client));
  }

  /** Listens on a free port of 127.0.0.1 and leads to `target`, a port of the same. */
  static async start(target: number): Promise<Proxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Proxy(target, server);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** How many of the replies that are to be lost were not yet. */
  get repliesToLose(): number {
    return this.#repliesToLose;
  }

  cut(): void {
    this.#refuses = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  silence(): void {
    this.#passable = new Promise((resolve) => (this.#unsilence = resolve));
  }

  slow(ms: number): void {
    this.#delayMs = ms;
  }

  loseReplies(count: number): void {
    this.#repliesToLose = count;
  }

  mend(): void {
    this.#refuses = false;
    this.#delayMs = 0;
    this.#repliesToLose = 0;
    this.#unsilence();
  }

  async close(): Promise<void> {
    this.mend();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket): void {
    if (this.#refuses) return void client.resetAndDestroy();
    const server = connect(this.#target, '127.0.0.1');
    const ends = [client, server];
    for (const socket of ends) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const broken = () => ends.forEach((socket) => socket.resetAndDestroy());
    this.#relay(client, server, async () => {
      if (this.#delayMs > 0) await pause(this.#delayMs);
    });
    this.#relay(server, client, () => {
      if (this.#repliesToLose === 0) return;
      this.#repliesToLose -= 1;
      broken();
    });
  }

  /** Order is kept: each piece waits for those before it. */
  #relay(from: Socket, to: Socket, spoil: () => Promise<void> | void): void {
    let last = Promise.resolve();
    const then = (deed: () => Promise<void> | void) => (last = last.then(() => this.#passable).then(deed));
    from.on('data', (piece) => {
      const spoiled = spoil();
      then(async () => {
        await spoiled;
        if (to.writable) to.write(piece);
      });
    });
    from.on('close', () => then(() => void to.destroy()));
  }
}
