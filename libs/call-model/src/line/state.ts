/**
 * Line: one per user. Which devices he has, and the one call that he is engaged in.
 *
 *          Place                          Ring
 *   free ─────────▶ caller        free ─────────▶ ringing ──Answered──▶ callee
 *     ▲                │            ▲                │                    │
 *     └─ Stop, Release, the device leaves ───────────┴────────────────────┘
 *
 * Invariant: a Line is engaged in one call at most. A user with no device and no call has no record.
 */
import type { CallID, Device, MediaKind, SessionID, UserID } from '@switchboard/protocol';

/** What a device is told when it rings; kept for those that log in meanwhile. */
export interface Summons {
  readonly callID: CallID;
  readonly n: number;
  readonly callerID: UserID;
  readonly media: MediaKind;
}

export type Engagement =
  | { readonly kind: 'caller'; readonly callID: CallID; readonly session: SessionID }
  | ({ readonly kind: 'ringing'; readonly sessions: readonly SessionID[] } & Summons)
  | { readonly kind: 'callee'; readonly callID: CallID; readonly session: SessionID };

export interface LineState {
  readonly kind: 'line';
  readonly userID: UserID;
  readonly devices: readonly Device[];
  readonly engaged: (Engagement & { readonly checkAt: number }) | undefined;
}

export const emptyLine = (userID: UserID): LineState => ({ kind: 'line', userID, devices: [], engaged: undefined });

/** The call that would lose its party if this device left; undefined if none would. */
export function callOfDevice(line: LineState, session: SessionID): CallID | undefined {
  const engaged = line.engaged;
  if (!engaged) return undefined;
  if (engaged.kind !== 'ringing') return engaged.session === session ? engaged.callID : undefined;
  return engaged.sessions.every((ringing) => ringing === session) ? engaged.callID : undefined;
}
