/**
 * The IDs of the system, as branded types, and the rules that carry a message to its partition.
 * Users' IDs come from the wire as strings or integers; everything else is made by Switchboard.
 */
import { z } from 'zod';

declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

export type UserID = Brand<'UserID'>;
export type CallID = Brand<'CallID'>;
export type SessionID = Brand<'SessionID'>;
export type LegID = Brand<'LegID'>;
export type GatewayID = Brand<'GatewayID'>;
export type WorkerID = Brand<'WorkerID'>;

const branded = <T extends string>(schema: z.ZodType<string>) => schema as unknown as z.ZodType<T>;

/** 1 to 128 characters without control characters; an integer is accepted and becomes a string. */
export const userID = branded<UserID>(
  z
    .union([z.string(), z.int()])
    .transform(String)
    .pipe(
      z
        .string()
        .min(1)
        .max(128)
        .regex(/^[^\p{Cc}]+$/u, 'must not hold control characters'),
    ),
);

const CALL_ID = /^(\d{1,5})-([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** `<partition>-<uuidv7>`: whoever holds it can route it. */
export const callID = branded<CallID>(z.string().regex(CALL_ID, 'must be a callID that Switchboard gave'));
export const sessionID = branded<SessionID>(z.string().min(1).max(64));
/** One SDP offer of one session: `<sessionID>:<name>`, so that no client can name another's. */
export const legID = branded<LegID>(z.string().min(1).max(160));
export const gatewayID = branded<GatewayID>(z.string().min(1).max(64));
export const workerID = branded<WorkerID>(z.string().min(1).max(64));

export function makeCallID(partition: number, uuidv7: string): CallID {
  return `${String(partition)}-${uuidv7}` as CallID;
}

export function makeLegID(session: SessionID, name: string): LegID {
  return `${session}:${name}` as LegID;
}

/** The name by which the client itself knows the leg. */
export function legName(leg: LegID): string {
  return leg.slice(leg.indexOf(':') + 1);
}

export function partitionOfCall(id: CallID): number {
  return Number(id.slice(0, id.indexOf('-')));
}

/** What callIDs are compared by: time-ordered, and free of the partition. */
export function uuidOfCall(id: CallID): string {
  return id.slice(id.indexOf('-') + 1);
}

/** FNV-1a, 32 bits, over UTF-8 (RFC 9923; test vectors in the tests). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The partition of everything that belongs to a user: presence, line, and the calls that he places. */
export function partitionOfUser(id: UserID, partitions: number): number {
  return fnv1a32(id) % partitions;
}

function* utf8(text: string): Generator<number> {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) yield point;
    else if (point < 0x800) yield* [0xc0 | (point >> 6), 0x80 | (point & 63)];
    else if (point < 0x10000) yield* [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
    else yield* [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
  }
}
