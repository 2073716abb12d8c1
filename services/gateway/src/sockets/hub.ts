/**
 * All sockets of this gateway, and who is behind each. Invariants: a session is found here from its login until its socket
 * closes, by the ID that mail names it with; of two sockets of one session the newer is found, whenever the older goes.
 */
import { sleep, type Clock } from '@switchboard/event-log';
import type { SessionID } from '@switchboard/protocol';
import type { Secret } from '@switchboard/service-kit';
import type { WebSocket } from 'ws';
import type { Session, Wire } from '../session/session.ts';
import { Connection, type CloseReason, type Limits } from './connection.ts';

interface SessionSocket {
  readonly wire: Wire;
  /** From the URL of the handshake. */
  readonly token: Secret | undefined;
  readonly onIdentity: (session: Session) => void;
}

export interface HubOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: () => number;
  readonly makeSession: (socket: SessionSocket) => Session;
  readonly onClosed: (code: number) => void;
}

interface OpenSocket {
  readonly session: Session;
  /** Resolves when it is gone. */
  readonly closed: Promise<void>;
}

/** The window in which clients leave: so much for each, and what is left of it when the last has been sent. */
const LEAVING_MS = { each: 2, shortest: 2500, last: 2000 };

export class Hub {
  readonly #options: HubOptions;
  readonly #open = new Map<Connection, OpenSocket>();
  readonly #sessions = new Map<SessionID, Session>();
  /** Under which ID a session is found: its socket's first, then the one that its Line says. */
  readonly #ids = new Map<Session, SessionID>();
  readonly #closing = new Set<Promise<void>>();
  #cancelBeat: () => void = () => undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#scheduleBeat();
  }

  get sockets(): number {
    return this.#open.size;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  find(id: SessionID): Session | undefined {
    return this.#sessions.get(id);
  }

  add(ws: WebSocket, token: Secret | undefined): void {
    const { limits, clock, makeSession } = this.#options;
    const connection = new Connection(ws, limits, clock);
    const session = makeSession({ wire: connection, token, onIdentity: (one) => this.#identify(one) });
    const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()));
    this.#open.set(connection, { session, closed });
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
    connection.listen({
      onText: (text) => session.text(text),
      onBinary: () => session.binary(),
      onClosed: (code) => this.#remove(connection, session, code),
    });
  }

  /** Everybody who is here, logged in or not. */
  all(): Session[] {
    return [...this.#open.values()].map(({ session }) => session);
  }

  /** Tells native clients to move to other gateways, spread over a window; resolves when all have gone, or when it is over. */
  async sendAway(longestMs: number): Promise<void> {
    const { clock, random } = this.#options;
    const leaving = [...this.#open.values()].filter(({ session }) => session.isNative);
    const windowMs = Math.min(longestMs, Math.max(LEAVING_MS.shortest, leaving.length * LEAVING_MS.each));
    const lastMs = Math.max(0, windowMs - LEAVING_MS.last);
    for (const { session } of leaving) session.sendAway(Math.round(random() * lastMs));
    await Promise.race([Promise.all(leaving.map(({ closed }) => closed)), sleep(clock, windowMs)]);
  }

  /** Closes every socket; resolves when the last is gone. */
  async close(why: CloseReason): Promise<void> {
    this.#cancelBeat();
    for (const connection of this.#open.keys()) connection.close(why);
    await Promise.all(this.#closing);
  }

  #identify(session: Session): void {
    this.#forget(session);
    if (session.identity === undefined) return;
    const id = session.identity.session;
    this.#sessions.set(id, session);
    this.#ids.set(session, id);
  }

  #forget(session: Session): void {
    const id = this.#ids.get(session);
    if (id !== undefined && this.#sessions.get(id) === session) this.#sessions.delete(id);
    this.#ids.delete(session);
  }

  #remove(connection: Connection, session: Session, code: number): void {
    this.#open.delete(connection);
    this.#forget(session);
    session.closed(code);
    this.#options.onClosed(code);
  }

  #scheduleBeat(): void {
    const { clock, limits } = this.#options;
    this.#cancelBeat = clock.timer(limits.heartbeatMs, () => {
      for (const connection of this.#open.keys()) connection.beat();
      this.#scheduleBeat();
    });
  }
}
