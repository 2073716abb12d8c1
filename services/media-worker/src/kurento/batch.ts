/**
 * One transaction of Kurento: operations that are sent as one request, done in order, and refer to each other's results.
 * The whole fails if one of them does; what was created before it is on the server nevertheless.
 */
import type { MediaObject, RawClient, Transaction } from './library.ts';
import type { Tags } from './port.ts';
import type { Requests } from './requests.ts';

export class Batch {
  readonly #client: RawClient;
  readonly #transaction: Transaction;
  #error: unknown;

  /** Fill and commit it in the same tick. */
  constructor(client: RawClient) {
    this.#client = client;
    this.#transaction = client.beginTransaction();
  }

  create(type: 'MediaPipeline' | 'WebRtcEndpoint', params: object): MediaObject {
    return this.#client.create(this.#transaction, type, params, this.#noteError);
  }

  tag(object: MediaObject, tags: Tags): this {
    for (const [key, value] of Object.entries(tags)) {
      object._invoke(this.#transaction, 'addTag', { key, value }, this.#noteError);
    }
    return this;
  }

  subscribe(object: MediaObject, types: readonly string[]): this {
    for (const type of types) {
      object.emit('_rpc', this.#transaction, 'subscribe', { object, type }, this.#noteError);
    }
    return this;
  }

  invoke(object: MediaObject, method: string, params: object): this {
    object._invoke(this.#transaction, method, params, this.#noteError);
    return this;
  }

  /** kurento-client's own `release` would hold up every later request until its answer came. */
  release(object: MediaObject): this {
    object.emit('_rpc', this.#transaction, 'release', { object }, this.#noteError);
    return this;
  }

  commit(requests: Requests, method: string, late?: () => void): Promise<void> {
    return requests
      .ask({
        method,
        send: (callback) => this.#transaction.commit((error, result) => callback(error ?? this.#error, result)),
        pick: () => undefined,
        ...(late === undefined ? {} : { late }),
      })
      .then(() => undefined);
  }

  readonly #noteError = (error: unknown): void => {
    if (error) this.#error ??= error;
  };
}
