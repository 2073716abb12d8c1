/** Who wants to hear which event of which object. Invariant: none outlives its object or its session. */
import { KurentoError } from '../errors.ts';
import { newSubscriptionId, type SessionId, type SubscriptionId } from '../ids.ts';
import { eventOf, type EventType } from './catalogue.ts';
import type { MediaObject } from './media-object.ts';

export interface Subscription {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  readonly type: EventType;
}

export class Subscriptions {
  readonly #byObject = new Map<MediaObject, Map<SubscriptionId, Subscription>>();

  add(object: MediaObject, name: string, session: SessionId): SubscriptionId {
    const type = eventOf(object.type, name);
    if (!type) throw new KurentoError('MEDIA_OBJECT_EVENT_NOT_SUPPORTED', `Event '${name}' not supported`);
    const subscription = { id: newSubscriptionId(), session, type };
    const known = this.#byObject.get(object) ?? new Map<SubscriptionId, Subscription>();
    this.#byObject.set(object, known.set(subscription.id, subscription));
    return subscription.id;
  }

  remove(object: MediaObject, id: string): void {
    this.#byObject.get(object)?.delete(id as SubscriptionId);
  }

  /** One entry per subscription: who subscribed twice hears it twice, as with Kurento. */
  to(object: MediaObject, type: EventType): Subscription[] {
    const known = this.#byObject.get(object);
    return known ? [...known.values()].filter((subscription) => subscription.type === type) : [];
  }

  dropObject(object: MediaObject): void {
    this.#byObject.delete(object);
  }

  dropSession(session: SessionId): void {
    for (const known of this.#byObject.values()) {
      for (const [id, subscription] of known) if (subscription.session === session) known.delete(id);
    }
  }
}
