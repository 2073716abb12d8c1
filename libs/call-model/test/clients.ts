/** The clients of the world, and the sockets at which a gateway knows them. */
import type { CallID, Capability, GatewayID, LegID, SessionID, UserID } from '@switchboard/protocol';

export interface Socket {
  readonly id: SessionID;
  readonly name: string;
  readonly gateway: GatewayID;
  readonly capabilities: Capability[];
  readonly fresh: boolean;
  /** The calls that the client named when it resumed. */
  readonly named: readonly CallID[];
  open: boolean;
  session: SessionID | undefined;
  connection: number;
}

export interface Client {
  readonly name: string;
  session: SessionID | undefined;
  /** Its current socket. */
  socket: SessionID | undefined;
  /** Calls that go on, as far as it knows; those that are over; and what became of those that were merged. */
  readonly calls: Set<CallID>;
  readonly over: Set<CallID>;
  readonly merged: Map<CallID, CallID>;
  /** Legs of its page, and whether it has their answer. */
  readonly legs: Map<LegID, boolean>;
}

export interface Login {
  readonly gateway?: string;
  readonly resume?: boolean;
  readonly fresh?: boolean;
  readonly seed?: boolean;
  /** A native client that makes no new offer when it is asked to. */
  readonly plain?: boolean;
}

/** A device is named after its user: `anna.1` is anna's first. */
export const userOf = (name: string): UserID => (name.split('.')[0] ?? name) as UserID;

export const copyOf = ({ calls, over, merged, legs, ...rest }: Client): Client => ({
  ...rest,
  ...{ calls: new Set(calls), over: new Set(over), merged: new Map(merged), legs: new Map(legs) },
});

export const newClient = (name: string): Client => ({
  ...{ name, session: undefined, socket: undefined },
  ...{ calls: new Set(), over: new Set(), merged: new Map(), legs: new Map() },
});

export function over(client: Client, callID: CallID): void {
  client.calls.delete(callID);
  client.over.add(callID);
}

/** What is over is over; an end is heard of a call that the client knows, or asked for. */
export function hears(
  client: Client,
  message: { type: string; callID?: CallID | undefined },
  { named }: Socket,
): boolean {
  const { type, callID } = message;
  if (callID === undefined) return true;
  if (client.over.has(callID) || client.merged.has(callID)) return false;
  if (type === 'Incoming' || type === 'Merged' || type === 'Snapshot') return true;
  return client.calls.has(callID) || (type === 'Ended' && named.includes(callID));
}
