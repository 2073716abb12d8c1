/** A WebSocket client that keeps what it hears. */
import type { GatewayMessage, ServerMessage, SessionID } from '@switchboard/protocol';
import { eventually } from '@switchboard/testkit';
import { WebSocket, type ClientOptions } from 'ws';
import type { TestGateway } from './cluster.ts';

export class Client {
  readonly frames: ServerMessage[] = [];
  readonly closed: Promise<number>;
  readonly ws: WebSocket;

  constructor(ws: WebSocket) {
    this.ws = ws;
    this.closed = new Promise((resolve) => ws.once('close', resolve));
    ws.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as ServerMessage));
    ws.on('error', () => undefined);
  }

  send(message: object | string | Buffer): void {
    if (typeof message === 'string' || Buffer.isBuffer(message)) this.ws.send(message);
    else this.ws.send(JSON.stringify(message));
  }

  /** The next frame that nobody took yet. */
  next(): Promise<ServerMessage> {
    return eventually('a frame', () => this.frames.shift());
  }

  /** The frames that came until everything that was sent before had been read. */
  async settled(): Promise<ServerMessage[]> {
    const pong = new Promise((resolve) => this.ws.once('pong', resolve));
    this.ws.ping();
    await pong;
    return this.frames.splice(0);
  }
}

export async function connect(url: string, options: ClientOptions = {}, query = ''): Promise<Client> {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/videoCall${query}`, options);
  const client = new Client(ws);
  await new Promise((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  return client;
}

/** The HTTP status that a handshake is refused with. */
export function refusal(url: string, path: string, options: ClientOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, options);
    ws.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      ws.terminate();
    });
    ws.once('open', () => reject(new Error('it was let in')));
    ws.on('error', () => undefined);
  });
}

/** Its Line takes the socket for a session of its own. */
export const attached = (socket: SessionID): GatewayMessage => ({
  ...{ type: 'Attached', session: socket, connection: 1, as: socket },
  ...{ resumed: false, graceMs: 30_000 },
});

export async function loggedIn(
  gateway: TestGateway,
  userID: string,
  kind: 'native' | 'seed',
): Promise<Client & { session: SessionID }> {
  const client = await connect(gateway.url);
  client.send({ type: 'login', userID, ...(kind === 'native' ? { capabilities: ['native'] } : {}) });
  const { socket } = await gateway.orchestrator.command('AttachDevice', { userID });
  await gateway.orchestrator.send(gateway.gatewayID, attached(socket));
  if (kind === 'native') await client.next();
  return Object.assign(client, { session: socket });
}
