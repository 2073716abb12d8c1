/**
 * A session is one client's hold on objects. States: attached (a socket is open) → detached (the socket is gone; it
 * can be attached again) → gone, which lets go of its objects. From the moment the socket is gone, or the client
 * closed the session, the objects have the grace time (Kurento: four minutes) for another session to take them.
 */
import type { Clock } from '../clock.ts';
import { KurentoError } from '../errors.ts';
import { newSessionId, type SessionId } from '../ids.ts';
import { AnswerCache } from './answer-cache.ts';

/** The socket a session is attached to. */
export interface Outlet {
  send(frame: string): void;
}

export interface Session {
  readonly id: SessionId;
  readonly answers: AnswerCache;
  outlet: Outlet | null;
}

interface Held extends Session {
  cancelExpiry: (() => void) | null;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #onGone: (id: SessionId) => void;
  readonly #sessions = new Map<SessionId, Held>();

  constructor(clock: Clock, graceMs: number, onGone: (id: SessionId) => void) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#onGone = onGone;
  }

  get ids(): SessionId[] {
    return [...this.#sessions.keys()];
  }

  open(outlet: Outlet): Session {
    const session: Held = { id: newSessionId(), answers: new AnswerCache(this.#clock), outlet, cancelExpiry: null };
    this.#sessions.set(session.id, session);
    return session;
  }

  peek(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  get(id: string): Session {
    const session = this.peek(id as SessionId);
    if (!session) throw new KurentoError('INVALID_SESSION', 'Invalid session');
    return session;
  }

  /** Moves a detached session to a new socket; one that still has a socket is not given away. */
  attach(id: string, outlet: Outlet): Session {
    const session = this.#sessions.get(id as SessionId);
    if (!session || session.outlet !== null) throw new KurentoError('INVALID_SESSION', 'Invalid session');
    session.cancelExpiry?.();
    session.cancelExpiry = null;
    session.outlet = outlet;
    return session;
  }

  /** The socket is gone: the clock of all its sessions starts. */
  detach(outlet: Outlet): void {
    for (const session of this.#sessions.values()) {
      if (session.outlet !== outlet) continue;
      session.outlet = null;
      session.cancelExpiry = this.#clock.after(this.#graceMs, () => {
        this.#sessions.delete(session.id);
        this.#onGone(session.id);
      });
    }
  }

  /** The client is done with it: the session ends at once, its hold on objects after the grace time. */
  close(id: string): void {
    const session = this.#sessions.get(id as SessionId);
    if (!session) return;
    session.cancelExpiry?.();
    this.#sessions.delete(session.id);
    this.#clock.after(this.#graceMs, () => this.#onGone(session.id));
  }
}
