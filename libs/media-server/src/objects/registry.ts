/**
 * All objects, and which sessions hold them. Invariant: an object lives until it is released or until the last
 * session that held it is closed; a holder of a child holds its parents too.
 */
import { KurentoError, objectNotFound } from '../errors.ts';
import type { SessionId } from '../ids.ts';
import { MediaObject } from './media-object.ts';

const MAX_OBJECTS = 20_000;

export interface RegistryListener {
  created(object: MediaObject): void;
  destroyed(object: MediaObject): void;
}

export class Registry {
  readonly #objects = new Map<string, MediaObject>();
  readonly #holders = new Map<MediaObject, Set<SessionId>>();
  readonly #listener: RegistryListener;

  constructor(listener: RegistryListener) {
    this.#listener = listener;
  }

  all(): IterableIterator<MediaObject> {
    return this.#objects.values();
  }

  /** The factory is only called where there is room. */
  create<T extends MediaObject>(session: SessionId, make: () => T): T {
    if (this.#objects.size >= MAX_OBJECTS) throw new KurentoError('UNEXPECTED_ERROR', 'Too many objects');
    const object = make();
    this.#objects.set(object.id, object);
    this.hold(session, object);
    this.#listener.created(object);
    return object;
  }

  /** Without holding it. */
  get(id: string): MediaObject | undefined {
    return this.#objects.get(id);
  }

  find(id: string, session: SessionId): MediaObject {
    const object = this.#objects.get(id);
    if (!object) throw objectNotFound(id);
    this.hold(session, object);
    return object;
  }

  hold(session: SessionId, object: MediaObject): void {
    const holders = this.#holders.get(object) ?? new Set<SessionId>();
    this.#holders.set(object, holders.add(session));
    if (object.parent) this.hold(session, object.parent);
  }

  /** The session is over. Children come after their parents in the map, so they go first here. */
  letGoAll(session: SessionId): void {
    for (const [object, holders] of [...this.#holders].reverse()) {
      if (holders.delete(session) && holders.size === 0) this.release(object);
    }
  }

  releaseAll(): void {
    for (const object of [...this.#objects.values()]) this.release(object);
  }

  release(object: MediaObject): void {
    if (object.released) return;
    for (const child of [...object.children]) this.release(child);
    this.#objects.delete(object.id);
    this.#holders.delete(object);
    this.#listener.destroyed(object);
    object.release();
  }
}
