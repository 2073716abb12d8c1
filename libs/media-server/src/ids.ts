/** Branded identifiers and how Kurento writes them (shape seen in tests/fixtures/kms-wire). */
import { randomUUID } from 'node:crypto';

export type ObjectId = string & { readonly brand: 'ObjectId' };
export type SessionId = string & { readonly brand: 'SessionId' };
export type SubscriptionId = string & { readonly brand: 'SubscriptionId' };

export const SERVER_MANAGER_ID = 'manager_ServerManager' as ObjectId;

/** `<uuid>_kurento.Type`, below its parent as `<parent>/<uuid>_kurento.Type`; kurento-client relies on this. */
export function newObjectId(type: string, parent?: ObjectId): ObjectId {
  const own = `${randomUUID()}_kurento.${type}`;
  return (parent === undefined ? own : `${parent}/${own}`) as ObjectId;
}

export const newSessionId = () => randomUUID() as SessionId;
export const newSubscriptionId = () => randomUUID() as SubscriptionId;
