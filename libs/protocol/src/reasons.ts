/**
 * How a call ends: one vocabulary, stored and sent as `reason`, `endedBy`, `phase` (docs/protocol.md). `seed` is the value of
 * `callResponse` that a caller without its answer gets; where the seed has none, it gets `exception`.
 */
import { z } from 'zod';

export const REASONS = {
  completed: { seed: undefined, sip: undefined },
  cancelled: { seed: undefined, sip: 487 },
  declined: { seed: 'rejected', sip: 603 },
  busy: { seed: 'isBusy', sip: 486 },
  no_answer: { seed: 'rejected', sip: 408 },
  unreachable: { seed: 'notOnline', sip: 480 },
  unknown_user: { seed: 'rejected', sip: 404 },
  forbidden: { seed: 'rejected', sip: 403 },
  setup_failed: { seed: 'exception', sip: 488 },
  connection_lost: { seed: undefined, sip: undefined },
  media_server_lost: { seed: undefined, sip: 503 },
  node_drained: { seed: undefined, sip: 503 },
  no_capacity: { seed: 'exception', sip: 503 },
  ended_by_admin: { seed: undefined, sip: 603 },
  max_duration: { seed: undefined, sip: 603 },
  service_error: { seed: 'exception', sip: 500 },
  /** Lost a glare: both users talk in the other call, which the end names. */
  superseded: { seed: undefined, sip: undefined },
} as const;

export type Reason = keyof typeof REASONS;
export const reason = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]]);

/** Told to a single device whose call goes on elsewhere; never the call's own reason. */
export const deviceReason = z.enum(['answered_elsewhere', 'declined_elsewhere']);
export type DeviceReason = z.infer<typeof deviceReason>;

export const endedBy = z.enum(['caller', 'callee', 'system', 'admin']);
export type EndedBy = z.infer<typeof endedBy>;

/** The sides of a call. */
export const role = z.enum(['caller', 'callee']);
export type Role = z.infer<typeof role>;

export const phase = z.enum(['inviting', 'ringing', 'connecting', 'connected', 'ended']);
export type Phase = z.infer<typeof phase>;

export const mediaKind = z.enum(['audio', 'video']);
export type MediaKind = z.infer<typeof mediaKind>;

/** What others see of a user. `busy`: engaged in a call, also while it rings. */
export const presence = z.enum(['online', 'busy', 'away', 'offline']);
export type Presence = z.infer<typeof presence>;

/** What a party hears of the other's socket. */
export const peerNews = z.enum(['reconnecting', 'reconnected']);

/** Why a client is asked for a new offer: it has no connection left, or the media server that had the other end of it is gone. */
export const renegotiationCause = z.enum(['reload', 'media_server_lost']);
export type RenegotiationCause = z.infer<typeof renegotiationCause>;

/** What a device says of its user. */
export const ownPresence = z.enum(['online', 'away']);
export type OwnPresence = z.infer<typeof ownPresence>;

/** What a party sends just now: the other one is shown it. */
export const shown = z.object({ audio: z.boolean(), video: z.boolean(), screen: z.boolean().default(false) });
export type Shown = z.infer<typeof shown>;

export type SeedRefusal = 'notOnline' | 'isBusy' | 'rejected' | 'exception';

/** The `callResponse` of the seed for a caller who never got his answer. */
export function seedRefusal(why: Reason | DeviceReason): SeedRefusal {
  const row: { seed: SeedRefusal | undefined } | undefined = (
    REASONS as Record<string, { seed: SeedRefusal | undefined }>
  )[why];
  return row?.seed ?? 'exception';
}
