/**
 * Which session the next login goes on with.
 *
 *   new ──begin──> none | stored {sessionID}      what the page before a reload left; its connections are gone (`fresh`)
 *   any ──accepted──> own {sessionID}             kept in the storage, under a lock
 *   any ──forget──> none
 */
import type { Deps } from '../deps.ts';
import type { ClientMessageInput } from '../wire.ts';
import type { SessionStore } from './session-store.ts';
import { TabLock } from './tab-lock.ts';

type Resume = NonNullable<Extract<ClientMessageInput, { type: 'login' }>['resume']>;
type State = { kind: 'new' | 'none' } | { kind: 'stored' | 'own'; sessionID: string };

export class Session {
  readonly #store: SessionStore;
  readonly #lock: TabLock;
  #deviceID: string | undefined;
  #state: State = { kind: 'new' };

  constructor(deps: Pick<Deps, 'tryLock' | 'later'>, store: SessionStore, deviceID: string | undefined) {
    this.#store = store;
    this.#lock = new TabLock(deps);
    this.#deviceID = deviceID;
  }

  get deviceID(): string | undefined {
    return this.#deviceID;
  }

  /** `calls`: those that live here. Undefined if there is nothing to go on with. */
  async toResume(calls: () => string[]): Promise<Resume | undefined> {
    if (this.#state.kind === 'new') await this.#begin();
    const state = this.#state;
    if (state.kind === 'own') return { sessionID: state.sessionID, fresh: false, calls: calls() };
    return state.kind === 'stored' ? { sessionID: state.sessionID, fresh: true, calls: [] } : undefined;
  }

  /** The server logged us in. `lost`: there was a session of this page, and it is another one now. */
  accepted(sessionID: string): 'kept' | 'lost' {
    const before = this.#state;
    this.#store.write(sessionID, this.deviceID);
    this.#state = { kind: 'own', sessionID };
    void this.#lock.take(sessionID);
    return before.kind === 'own' && before.sessionID !== sessionID ? 'lost' : 'kept';
  }

  forget(): void {
    this.#state = { kind: 'none' };
    this.#store.remove();
    this.#lock.release();
  }

  /** A duplicated tab finds the lock taken and leaves the session to the other one. */
  async #begin(): Promise<void> {
    const stored = this.#store.read();
    const isOurs = stored !== undefined && (await this.#lock.take(stored.sessionID));
    if (this.#state.kind !== 'new') return this.#lock.release();
    this.#state = { kind: 'none' };
    if (!isOurs) return;
    this.#state = { kind: 'stored', sessionID: stored.sessionID };
    this.#deviceID ??= stored.deviceID;
  }
}
