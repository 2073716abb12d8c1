/**
 * Who is connected to whom. Invariant: a sink has at most one source per media type; a source may have many sinks.
 * Generic over the element, so that it knows nothing of media.
 */
export type MediaType = 'AUDIO' | 'VIDEO' | 'DATA';
export const MEDIA_TYPES: readonly MediaType[] = ['AUDIO', 'DATA', 'VIDEO'];

export interface Connection<E> {
  readonly source: E;
  readonly sink: E;
  readonly type: MediaType;
}

export interface ConnectionListener<E> {
  connected(connection: Connection<E>): void;
  disconnected(connection: Connection<E>): void;
}

export class Connections<E> {
  readonly #bySink = new Map<E, Map<MediaType, Connection<E>>>();
  readonly #bySource = new Map<E, Set<Connection<E>>>();
  readonly #listener: ConnectionListener<E>;

  constructor(listener: ConnectionListener<E>) {
    this.#listener = listener;
  }

  connect(source: E, sink: E, types: readonly MediaType[]): void {
    for (const type of types) {
      const before = this.#bySink.get(sink)?.get(type);
      if (before?.source === source) continue;
      if (before) this.#remove(before);
      this.#add({ source, sink, type });
    }
  }

  disconnect(source: E, sink: E, types: readonly MediaType[]): void {
    for (const type of types) {
      const connection = this.#bySink.get(sink)?.get(type);
      if (connection?.source === source) this.#remove(connection);
    }
  }

  /** Ends all of an element's connections. */
  drop(element: E): void {
    for (const connection of [...this.from(element), ...this.to(element)]) this.#remove(connection);
  }

  from(source: E): Connection<E>[] {
    return [...(this.#bySource.get(source) ?? [])];
  }

  to(sink: E): Connection<E>[] {
    return [...(this.#bySink.get(sink)?.values() ?? [])];
  }

  #add(connection: Connection<E>): void {
    const { source, sink, type } = connection;
    const inputs = this.#bySink.get(sink) ?? new Map<MediaType, Connection<E>>();
    this.#bySink.set(sink, inputs.set(type, connection));
    const outputs = this.#bySource.get(source) ?? new Set<Connection<E>>();
    this.#bySource.set(source, outputs.add(connection));
    this.#listener.connected(connection);
  }

  #remove(connection: Connection<E>): void {
    const { source, sink, type } = connection;
    const inputs = this.#bySink.get(sink);
    inputs?.delete(type);
    if (inputs?.size === 0) this.#bySink.delete(sink);
    const outputs = this.#bySource.get(source);
    outputs?.delete(connection);
    if (outputs?.size === 0) this.#bySource.delete(source);
    this.#listener.disconnected(connection);
  }
}
