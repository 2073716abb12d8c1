/** The names of all keys. Invariant: all keys of one mailbox or partition share its hash tag, so that one script may change them. */
import { addressKey, type Address } from '../port.ts';

export const buckets = 256;

export class Keys {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  mailbox(address: Address) {
    const prefix = this.#tagged(addressKey(address));
    return { inbox: `${prefix}inbox`, producers: `${prefix}producers` };
  }

  partition(partition: number) {
    const prefix = this.#tagged(`p${String(partition)}`);
    return {
      inbox: `${prefix}inbox`,
      producers: `${prefix}producers`,
      events: `${prefix}events`,
      head: `${prefix}head`,
      lease: `${prefix}lease`,
      sent: `${prefix}sent`,
      deadlines: `${prefix}deadlines`,
      live: `${prefix}live`,
      watched: `${prefix}watched`,
      blobs: `${prefix}blobs`,
      holders: `${prefix}holders`,
      watch: (process: string) => `${prefix}watch:${process}`,
      state: (bucket: number) => `${prefix}state:${String(bucket)}`,
    };
  }

  registry(): string {
    return `${this.#namespace}:registry`;
  }

  cluster(): string {
    return `${this.#namespace}:cluster`;
  }

  #tagged(tag: string): string {
    return `${this.#namespace}:{${tag}}:`;
  }
}

export type PartitionKeys = ReturnType<Keys['partition']>;

/** The bucket of an aggregate's record: FNV-1a over its UTF-16 units. Fixed for ever: records are found by it. */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % buckets;
}
