/**
 * Line: one per user. His devices, the one call that he is engaged in, and who watches his presence.
 *
 *          Place                          Ring
 *   free ─────────▶ caller        free ─────────▶ ringing ──Answered──▶ callee
 *     ▲                │ glare lost ─────────────────────────────────────▲ │
 *     └─ Stop, Release, the device is gone ───────────┴──────────────────┘
 *
 *   device: up ──the socket breaks──▶ down ──grace time over──▶ gone
 *            ▲─────── resume ──────────┘
 *
 * Invariants: a Line is engaged in one call at most. A user with no device, call or watcher has no record.
 */
import type {
  CallID,
  Device,
  GatewayID,
  LegID,
  MediaKind,
  OwnPresence,
  Presence,
  SessionID,
  UserID,
} from '@switchboard/protocol';

/** What a device is told when it rings; kept for those that log in meanwhile. */
export interface Summons {
  readonly callID: CallID;
  readonly n: number;
  readonly callerID: UserID;
  readonly media: MediaKind;
}

/** What the client asked for when it placed its call. */
export interface Asked {
  readonly requestID: string;
  readonly peer: UserID;
}

interface Engaged {
  readonly callID: CallID;
  /** The request of this user that is this call. */
  readonly asked: Asked | undefined;
  /** Calls that this user placed and that became this one: whoever stops one of them means this one. */
  readonly aliases: readonly CallID[];
  readonly checkAt: number;
}

/** A call of the one whom this user calls: it rings when the user's own call is over, if it is still there then. */
export interface HeldRing extends Summons {
  readonly ringUntil: number;
}

/** `waits`: it goes on ringing with no device at all, until one logs in. */
export interface RingingEngagement extends Engaged, Summons {
  readonly kind: 'ringing';
  readonly sessions: readonly SessionID[];
  readonly ringUntil: number;
  readonly waits: boolean;
}

export interface CallerEngagement extends Engaged {
  readonly kind: 'caller';
  readonly calleeID: UserID;
  readonly session: SessionID;
  readonly legID: LegID;
  /** A broken socket has until then at least to come back; undefined: it was accepted. */
  readonly ringUntil: number | undefined;
  readonly held: HeldRing | undefined;
}

export interface CalleeEngagement extends Engaged {
  readonly kind: 'callee';
  readonly session: SessionID;
}

export type Engagement = CallerEngagement | RingingEngagement | CalleeEngagement;

/** `down`: its socket broke, and it is gone at `until` unless it comes back. */
export type Link = { readonly kind: 'up' } | { readonly kind: 'down'; readonly until: number };

export interface LineDevice {
  readonly device: Device;
  /** Its current socket, by the ID that the gateway gave it; a fresh session is named after its socket. */
  readonly socket: SessionID;
  readonly link: Link;
  readonly says: OwnPresence;
}

/** A request that became a call which is over: asked again, it is still that call. */
export interface Request extends Asked {
  readonly callID: CallID;
  readonly until: number;
}

export interface LineState {
  readonly kind: 'line';
  readonly userID: UserID;
  readonly devices: readonly LineDevice[];
  readonly engaged: Engagement | undefined;
  readonly requests: readonly Request[];
  /** Gateways whose clients watch this user. */
  readonly watchers: readonly GatewayID[];
}

export const emptyLine = (userID: UserID): LineState => ({
  kind: 'line',
  userID,
  devices: [],
  engaged: undefined,
  requests: [],
  watchers: [],
});

export const isUp = ({ link }: LineDevice): boolean => link.kind === 'up';
const deviceOf = ({ device }: LineDevice): Device => device;

/** The devices that hear what is said to them now. */
export const reachable = (line: LineState): readonly Device[] => line.devices.filter(isUp).map(deviceOf);

/** It rings there, or is the party. */
export function concerns(engaged: Engagement, session: SessionID): boolean {
  return engaged.kind === 'ringing' ? engaged.sessions.includes(session) : engaged.session === session;
}

/** The call whose party this device is. */
export function callOfParty({ engaged }: LineState, session: SessionID): CallID | undefined {
  return engaged && engaged.kind !== 'ringing' && concerns(engaged, session) ? engaged.callID : undefined;
}

/** The call that would lose its party if this device left; undefined if none would. */
export function callOfDevice(line: LineState, session: SessionID): CallID | undefined {
  const { engaged } = line;
  if (engaged?.kind !== 'ringing') return callOfParty(line, session);
  const isLast = !engaged.waits && concerns(engaged, session) && engaged.sessions.length === 1;
  return isLast ? engaged.callID : undefined;
}

/** What others see of this user. */
export function presenceOf({ devices, engaged }: LineState): Presence {
  if (devices.length === 0) return 'offline';
  if (engaged) return 'busy';
  return devices.every(({ says }) => says === 'away') ? 'away' : 'online';
}

/** When the Line has something to do; undefined: never. */
export function wakeLineAt({ devices, engaged, requests }: LineState): number | undefined {
  const times = [
    ...devices.flatMap(({ link }) => (link.kind === 'down' ? [link.until] : [])),
    ...requests.map(({ until }) => until),
    ...(engaged ? [engaged.checkAt] : []),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Processes whose death it must hear of. */
export function watchedByLine({ devices, watchers }: LineState): readonly string[] {
  return [...new Set([...devices.filter(isUp).map(({ device }) => device.gateway), ...watchers])];
}
