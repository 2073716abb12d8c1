/**
 * The WebSocket handshake at `/videoCall`. Invariant: path, origin and the token of the URL are checked before it ends; a
 * handshake that is refused gets an HTTP status and nothing else.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Secret } from '@switchboard/service-kit';
import { WebSocketServer, type WebSocket } from 'ws';
import type { VerifyToken } from '../auth/verifier.ts';

const SOCKET_PATH = '/videoCall';

export interface EndpointOptions {
  readonly maxFrameBytes: number;
  readonly allowsOrigin: (request: IncomingMessage) => boolean;
  /** Undefined: tokens mean nothing. */
  readonly verify: VerifyToken | undefined;
  readonly onSocket: (ws: WebSocket, token: Secret | undefined) => void;
  readonly onRefused: (status: number) => void;
}

type Check =
  { readonly kind: 'passed'; readonly token: Secret | undefined } | { readonly kind: 'refused'; status: number };

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #wss: WebSocketServer;
  #closed = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#wss = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxFrameBytes,
    });
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#upgrade(request, socket, head);
    });
  }

  /** From now on every handshake is refused. */
  close(): void {
    this.#closed = true;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const check = await this.#check(request);
    if (check.kind === 'refused' || this.#closed) {
      this.#refuse(socket, check.kind === 'refused' ? check.status : 503);
      return;
    }
    socket.off('error', onError);
    if ('setNoDelay' in socket && typeof socket.setNoDelay === 'function') socket.setNoDelay(true);
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#options.onSocket(ws, check.token));
  }

  async #check(request: IncomingMessage): Promise<Check> {
    const url = parse(request.url);
    if (url === undefined) return { kind: 'refused', status: 400 };
    if (url.pathname !== SOCKET_PATH) return { kind: 'refused', status: 404 };
    if (!this.#options.allowsOrigin(request)) return { kind: 'refused', status: 403 };
    const text = url.searchParams.get('token');
    const token = text === null ? undefined : new Secret(text);
    if (token === undefined || this.#options.verify === undefined) return { kind: 'passed', token };
    const verdict = await this.#options.verify(token);
    if (verdict.kind === 'valid') return { kind: 'passed', token };
    return { kind: 'refused', status: verdict.kind === 'unavailable' ? 503 : 401 };
  }

  #refuse(socket: Duplex, status: number): void {
    this.#options.onRefused(status);
    const head = `HTTP/1.1 ${String(status)} ${REASONS[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    socket.end(head, () => socket.destroy());
  }
}

function parse(path: string | undefined): URL | undefined {
  return URL.canParse(path ?? '', 'http://gateway') ? new URL(path ?? '', 'http://gateway') : undefined;
}
