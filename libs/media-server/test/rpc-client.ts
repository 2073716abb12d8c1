/** A bare JSON-RPC client for tests: requests and events. */
import { WebSocket } from 'ws';

export interface RpcEvent {
  readonly object: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

class RpcFailure extends Error {
  readonly code: number;
  readonly type: string | undefined;

  constructor(error: { code: number; message: string; data?: { type: string } }) {
    super(error.message);
    this.code = error.code;
    this.type = error.data?.type;
  }
}

type Result = { readonly value?: unknown; readonly sessionId?: string } & Record<string, unknown>;
type Waiting = { resolve: (result: Result) => void; reject: (error: Error) => void };

export class RpcClient {
  readonly socket: WebSocket;
  readonly events: RpcEvent[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: ((event: RpcEvent) => void)[] = [];
  sessionId: string | null = null;
  #nextId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.#receive(JSON.parse(String(data))));
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('socket closed'));
    });
  }

  static async open(url: string): Promise<RpcClient> {
    const socket = new WebSocket(url);
    const client = new RpcClient(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  async request(method: string, params: Record<string, unknown> = {}, id = this.#nextId++): Promise<Result> {
    const sessionId = this.sessionId === null ? {} : { sessionId: this.sessionId };
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...sessionId, ...params } }));
    const result = await new Promise<Result>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    if (result?.sessionId) this.sessionId = result.sessionId;
    return result;
  }

  async create(type: string, constructorParams: Record<string, unknown> = {}): Promise<string> {
    return String((await this.request('create', { type, constructorParams })).value);
  }

  async invoke(object: string, operation: string, operationParams: Record<string, unknown> = {}): Promise<unknown> {
    return (await this.request('invoke', { object, operation, operationParams })).value;
  }

  async subscribe(object: string, ...types: string[]): Promise<void> {
    await Promise.all(types.map((type) => this.request('subscribe', { object, type })));
  }

  onEvent(listener: (event: RpcEvent) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.close();
    await closed;
  }

  #receive(frame: { id?: number; result?: Result; error?: never; params?: { value: RpcEvent } }): void {
    if (frame.params) {
      this.events.push(frame.params.value);
      for (const listener of this.#listeners) listener(frame.params.value);
      return;
    }
    const waiting = this.#waiting.get(frame.id ?? -1);
    this.#waiting.delete(frame.id ?? -1);
    if (frame.error) waiting?.reject(new RpcFailure(frame.error));
    else waiting?.resolve(frame.result ?? {});
  }
}
