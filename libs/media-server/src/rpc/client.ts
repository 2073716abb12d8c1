/**
 * One socket's conversation: which session its requests belong to, and the answer to each. Invariant: every
 * request with an id gets exactly one answer.
 */
import { z } from 'zod';
import { randomUUID } from 'node:crypto';
import type { Kurento } from '../kurento.ts';
import { readMethodParams } from '../parameters.ts';
import { errorAnswer, readRequest, resultAnswer, type Answer, type Request } from './frames.ts';
import { callMethod } from './methods.ts';
import type { Outlet, Session } from './session.ts';
import { runTransaction } from './transaction.ts';

const SERVER_ID = randomUUID();
const inSession = z.object({ sessionId: z.string().optional() });

export class Client {
  readonly #kurento: Kurento;
  readonly #outlet: Outlet;
  readonly #onError: (error: unknown, method: string) => void;
  #session: Session | null = null;

  constructor(kurento: Kurento, outlet: Outlet, onError: (error: unknown, method: string) => void) {
    this.#kurento = kurento;
    this.#outlet = outlet;
    this.#onError = onError;
  }

  /** Takes one frame's JSON; null where nothing is to be answered. */
  async receive(json: unknown): Promise<Answer | null> {
    let request: Request;
    try {
      request = readRequest(json);
    } catch (error) {
      return errorAnswer(null, error);
    }
    const answer = await this.#answer(request);
    return request.id === null ? null : answer;
  }

  /** The socket is gone. */
  close(): void {
    this.#kurento.sessions.detach(this.#outlet);
  }

  async #answer(request: Request): Promise<Answer> {
    try {
      return await this.#dispatch(request);
    } catch (error) {
      return this.#failed(request, error);
    }
  }

  #failed(request: Request, error: unknown): Answer {
    this.#onError(error, request.method);
    return errorAnswer(request.id, error);
  }

  #dispatch(request: Request): Promise<Answer> | Answer {
    const sessionId = readMethodParams(inSession, request.params).sessionId;
    switch (request.method) {
      case 'ping':
        return resultAnswer(request.id, { value: 'pong', ...(sessionId === undefined ? {} : { sessionId }) });
      case 'connect':
        return resultAnswer(request.id, { serverId: SERVER_ID, sessionId: this.#connect(sessionId).id });
      case 'closeSession':
        this.#closeSession(sessionId);
        return resultAnswer(request.id, null);
      default:
        return this.#inSession(request, sessionId);
    }
  }

  #inSession(request: Request, sessionId: string | undefined): Promise<Answer> {
    const session = sessionId === undefined ? this.#own() : this.#kurento.sessions.get(sessionId);
    const perform = async (): Promise<Answer> => {
      try {
        const call = { kurento: this.#kurento, session, params: request.params };
        const result =
          request.method === 'transaction' ? await runTransaction(call) : await callMethod(request.method, call);
        return resultAnswer(request.id, { ...result, sessionId: session.id });
      } catch (error) {
        return this.#failed(request, error);
      }
    };
    return sessionId === undefined || request.id === null ? perform() : session.answers.answer(request, perform);
  }

  #own(): Session {
    this.#session ??= this.#kurento.sessions.open(this.#outlet);
    return this.#session;
  }

  #connect(sessionId: string | undefined): Session {
    if (sessionId !== undefined) this.#session = this.#kurento.sessions.attach(sessionId, this.#outlet);
    return this.#own();
  }

  #closeSession(sessionId: string | undefined): void {
    const id = sessionId ?? this.#session?.id;
    if (id === undefined) return;
    this.#kurento.sessions.close(id);
    if (this.#session?.id === id) this.#session = null;
  }
}
