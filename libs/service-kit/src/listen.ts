/**
 * TCP listeners. "Loopback" means both families: a browser may resolve `localhost` to either of them.
 *
 * The given server listens on IPv4; a small second listener on ::1 hands its sockets over to it.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Listening {
  /** The port in use, also when 0 was asked for. */
  port: number;
  /** Where it listens, e.g. `['127.0.0.1', '::1']`. */
  addresses: readonly string[];
  /** Stops accepting at once; connections still open after `graceMs` (default 0) are cut. Never rejects. */
  close(graceMs?: number): Promise<void>;
}

const loopbackNames = ['localhost', '127.0.0.1', '::1', '[::1]'];
const triesForFreePort = 20;

export function isLoopback(host: string): boolean {
  return loopbackNames.includes(host.toLowerCase());
}

/** Listens on `host`; any name of loopback means both families. @throws the listener's error (`EADDRINUSE`, …) */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<Listening> {
  if (isLoopback(host)) return listenLoopback(server, port);
  const sockets = trackSockets([server]);
  await bind(server, host, port);
  return handle([server], sockets, [host]);
}

/**
 * Listens on 127.0.0.1 and ::1 on the same port; port 0 chooses one that is free on both.
 * A machine without IPv6 gets 127.0.0.1 alone.
 * @throws the listener's error; nothing is left listening then
 */
export async function listenLoopback(server: Server, port: number): Promise<Listening> {
  for (let left = port === 0 ? triesForFreePort : 1; ; left -= 1) {
    try {
      return await listenOnBoth(server, port);
    } catch (error) {
      if (left <= 1 || codeOf(error) !== 'EADDRINUSE') throw error;
    }
  }
}

async function listenOnBoth(server: Server, port: number): Promise<Listening> {
  const second = await bindSecond(server, port);
  const servers = second === undefined ? [server] : [server, second];
  const sockets = trackSockets(servers);
  try {
    await bind(server, '127.0.0.1', second === undefined ? port : portOf(second));
  } catch (error) {
    second?.close();
    throw error;
  }
  return handle(servers, sockets, second === undefined ? ['127.0.0.1'] : ['127.0.0.1', '::1']);
}

/** The listener on ::1, or none where the machine has no IPv6. */
async function bindSecond(server: Server, port: number): Promise<Server | undefined> {
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
  try {
    await bind(second, '::1', port);
    return second;
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Raw sockets, so that upgraded (WebSocket) and TLS connections are known too. */
function trackSockets(servers: readonly Server[]): Set<Socket> {
  const sockets = new Set<Socket>();
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  return sockets;
}

function handle(servers: readonly Server[], sockets: ReadonlySet<Socket>, addresses: readonly string[]): Listening {
  const [first] = servers;
  const port = first === undefined ? 0 : portOf(first);
  let closing: Promise<void> | undefined;
  return {
    port,
    addresses,
    close: (graceMs = 0) => (closing ??= closeAll(servers, sockets, graceMs)),
  };
}

async function closeAll(servers: readonly Server[], sockets: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const closed = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  if (graceMs <= 0) cut();
  const timer = setTimeout(cut, graceMs);
  await closed;
  clearTimeout(timer);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
