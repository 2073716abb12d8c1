/**
 * What every object on the server is: a node with an id, a name, tags and children, whose life ends once.
 * Invariant: a child is listed in its parent exactly as long as it lives.
 */
import { KurentoError } from '../errors.ts';
import { newObjectId, type ObjectId } from '../ids.ts';
import type { EventType, TypeName } from './catalogue.ts';

export type EventDetails = Readonly<Record<string, unknown>>;

/** What objects need of the server around them. */
export interface ObjectHost {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  emit(source: MediaObject, type: EventType, details: EventDetails): void;
}

export class MediaObject {
  readonly id: ObjectId;
  readonly type: TypeName;
  readonly parent: MediaObject | null;
  readonly children = new Set<MediaObject>();
  readonly tags = new Map<string, string>();
  /** Seconds since the Unix epoch, as Kurento tells it. */
  readonly creationTime: number;
  readonly host: ObjectHost;
  name: string;
  sendTagsInEvents = false;
  #released = false;

  constructor(type: TypeName, host: ObjectHost, parent: MediaObject | null, id?: ObjectId) {
    this.id = id ?? newObjectId(type, parent?.id);
    this.type = type;
    this.host = host;
    this.parent = parent;
    this.name = this.id;
    this.creationTime = Math.floor(host.now() / 1000);
    parent?.children.add(this);
  }

  get released(): boolean {
    return this.#released;
  }

  /** Ends the object; its children must have ended before. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.parent?.children.delete(this);
  }

  tag(key: string): string {
    const value = this.tags.get(key);
    if (value === undefined) throw new KurentoError('MEDIA_OBJECT_TAG_KEY_NOT_FOUND', 'Tag key not found');
    return value;
  }

  tagList(): { key: string; value: string; __module__: string; __type__: string }[] {
    return [...this.tags].map(([key, value]) => ({ __module__: 'kurento', __type__: 'Tag', key, value }));
  }

  emit(type: EventType, details: EventDetails = {}): void {
    this.host.emit(this, type, details);
  }
}
