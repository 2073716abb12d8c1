/** The sockets: HTTP for health, WebSocket at /kurento for clients. Invariant: no frame larger than MAX_FRAME_BYTES is read. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from './clock.ts';

const PATH = '/kurento';
const MAX_FRAME_BYTES = 512 * 1024;
/** A client that reads so slowly is gone. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** A socket that answers no ping for this long is dropped. */
const PING_INTERVAL_MS = 30_000;
const GOODBYE_MS = 500;

export interface Conversation {
  /** Gets each frame's text; throws where the socket should be dropped. */
  receive(text: string): void;
  closed(): void;
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** Whether the server takes work, for /readyz. */
  readonly ready: () => boolean;
  readonly accept: (send: (frame: string) => void) => Conversation;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export async function listen(options: ListenerOptions): Promise<Listener> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  sockets.on('connection', (socket) => converse(socket, options));
  const first = newServer(sockets, options);
  await bind(first, options.port, options.host);
  const { port } = first.address() as AddressInfo;
  const servers = [first];
  if (options.host === '127.0.0.1') {
    const second = newServer(sockets, options);
    await bind(second, port, '::1').then(
      () => servers.push(second),
      () => undefined, // A machine without IPv6 has no ::1.
    );
  }
  return { port, close: () => closeAll(servers, sockets, options.clock) };
}

function newServer(sockets: WebSocketServer, options: ListenerOptions): Server {
  const server = createServer((request, response) => answerHttp(request, response, options));
  server.on('connection', (socket: Socket) => socket.setNoDelay(true));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== PATH) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  return server;
}

function answerHttp(request: IncomingMessage, response: ServerResponse, options: ListenerOptions): void {
  const path = request.url?.split('?')[0];
  const status =
    path === '/healthz' ? 200 : path === '/readyz' ? (options.ready() ? 200 : 503) : path === PATH ? 426 : 404;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status }));
}

function converse(socket: WebSocket, options: ListenerOptions): void {
  const conversation = options.accept((frame) => {
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.send(frame);
  });
  let heard = true;
  const stopPings = options.clock.every(PING_INTERVAL_MS, () => {
    if (!heard) return socket.terminate();
    heard = false;
    socket.ping();
  });
  socket.on('pong', () => (heard = true));
  socket.on('message', (data, binary) => {
    heard = true;
    try {
      if (binary) throw new Error('binary frame');
      conversation.receive(String(data));
    } catch {
      socket.terminate();
    }
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    stopPings();
    conversation.closed();
  });
}

const bind = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Says goodbye to every client, and waits no longer than GOODBYE_MS for theirs. */
async function closeAll(servers: readonly Server[], sockets: WebSocketServer, clock: Clock): Promise<void> {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  const clients = [...sockets.clients];
  const gone = clients.map((client) => new Promise((resolve) => client.once('close', resolve)));
  for (const client of clients) client.close(1001);
  await Promise.race([Promise.all(gone), new Promise<void>((resolve) => clock.after(GOODBYE_MS, resolve))]);
  for (const client of clients) client.terminate();
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
