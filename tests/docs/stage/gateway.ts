/** What a gateway makes of a message to it: frames for its clients, as in decision 0012; after a resume a question to the Call. */
import {
  legName,
  seedRefusal,
  server,
  type GatewayMessage,
  type LegID,
  type ServerMessage,
} from '@switchboard/protocol';
import type { Client } from './client.ts';
import { SDP } from './client.ts';
import type { Member } from './member.ts';
import type { Stage } from './stage.ts';

type Message<T extends GatewayMessage['type']> = Extract<GatewayMessage, { type: T }>;

export function tellClients(stage: Stage, gateway: string, message: GatewayMessage): void {
  const here = [...stage.clients.values()].filter(({ member }) => member.open && member.gateway === gateway);
  if (message.type === 'PresenceIs') return presence(here, message);
  const client = here.find(({ member }) => isFor(member, message));
  if (!client) return;
  const { member } = client;
  if (message.type === 'Attached') return attached(stage, client, message);
  if (message.type === 'Merged') return merged(stage, member, message);
  if (message.type === 'TakenOver') {
    member.open = false;
    return stage.note(client.name, 'the old socket is closed with 4001');
  }
  learn(member, message);
  if (message.type === 'Route') return;
  const frame = frameOf(member, message);
  if (message.type === 'LocalCandidate' && !member.answered.has(message.legID))
    return hold(member, message.legID, frame);
  tell(client, frame);
  if (message.type === 'Answer') for (const each of released(member, message.legID)) tell(client, each);
}

function hold({ held }: Member, legID: LegID, frame: ServerMessage): void {
  held.set(legID, [...(held.get(legID) ?? []), frame]);
}

function released({ answered, held }: Member, legID: LegID): readonly ServerMessage[] {
  answered.add(legID);
  return held.get(legID) ?? [];
}

const isFor = ({ socket, session, connection }: Member, message: Exclude<GatewayMessage, { type: 'PresenceIs' }>) =>
  message.type === 'Attached'
    ? message.session === socket
    : message.session === session && message.connection === connection;

function tell(client: Client, frame: ServerMessage): void {
  client.hear(server.SERVER_MESSAGES[frame.type].parse(frame) as ServerMessage);
}

function presence(here: readonly Client[], { userID, state }: Message<'PresenceIs'>): void {
  for (const client of here) {
    if (client.member.watching.includes(userID)) tell(client, { type: 'presenceChanged', userID, state });
  }
}

function attached(stage: Stage, client: Client, { as, connection, callID, graceMs }: Message<'Attached'>): void {
  const { member } = client;
  member.session = as;
  member.connection = connection;
  const alive = callID === undefined ? {} : { callID };
  const iceServers = [{ urls: 'turn:turn.example.org', username: '1760003600:anna', credential: 'secret' }];
  const gateways = ['wss://g1.example.org/videoCall', 'wss://g2.example.org/videoCall'];
  tell(client, {
    ...{ type: 'loginResponse', content: 'accepted', sessionID: as, ...alive },
    ...{ iceServers, graceMs, gateways },
  });
  const calls = new Set([...(callID === undefined ? [] : [callID]), ...member.asks]);
  for (const each of calls) askCall(stage, member, each, member.fresh);
}

function merged(stage: Stage, member: Member, { into }: Message<'Merged'>): void {
  member.placed.add(into);
  askCall(stage, member, into, false);
}

function askCall(stage: Stage, member: Member, callID: Message<'Merged'>['into'], fresh: boolean): void {
  const { userID, device, gateway } = member;
  stage.sendCommand(gateway, { type: 'PartyHere', callID, userID, device, fresh });
}

/** Where the candidates of a leg go. */
function learn({ routes }: Member, message: GatewayMessage): void {
  if (message.type !== 'Route' && message.type !== 'Snapshot') return;
  const { legID, workerID, attempt, callID } = message;
  if (legID && workerID && attempt) routes.set(legID, { workerID, attempt, callID });
}

type Framed = Exclude<GatewayMessage, { type: 'PresenceIs' | 'Attached' | 'TakenOver' | 'Merged' | 'Route' }>;

function frameOf(member: Member, message: Framed): ServerMessage {
  switch (message.type) {
    case 'Incoming': {
      const { callerID, callID, n, media } = message;
      return { type: 'incomingCall', callerID, callID, n, media };
    }
    case 'Progress':
      return { type: 'callProgress', callID: message.callID, n: message.n, phase: message.phase };
    case 'Answer':
      return answer(member, message);
    case 'Snapshot':
      return state(message);
    case 'PeerState':
      return { type: 'peerState', callID: message.callID, n: message.n, state: message.state };
    case 'PeerMedia': {
      const { callID, n, audio, video, screen } = message;
      return { type: 'mediaState', callID, n, audio, video, screen };
    }
    case 'Renegotiate':
      return { type: 'renegotiate', callID: message.callID, n: message.n, cause: message.cause };
    case 'Ended':
      return ended(member, message);
    case 'LocalCandidate': {
      const { candidate, callID, legID } = message;
      return { type: 'iceCandidate', candidate, callID, legID: legName(legID) };
    }
    default:
      return message satisfies never;
  }
}

/** Whoever placed a call hears its answer as `callResponse`, whichever side of the winner of a glare he became. */
function answer({ placed }: Member, { callID, legID, n, renegotiated }: Message<'Answer'>): ServerMessage {
  const rest = { callID, legID: legName(legID), n, sdpAnswer: SDP };
  if (renegotiated) return { type: 'renegotiated', ...rest };
  return placed.has(callID)
    ? { type: 'callResponse', callResponse: 'accepted', ...rest }
    : { type: 'startCommunication', ...rest };
}

function state(message: Message<'Snapshot'>): ServerMessage {
  const { callID, n, phase, role, peer, media, legID, answered, peerAway, peerShown } = message;
  return {
    ...{ type: 'callState', callID, n, phase, role, peer, media },
    ...(legID === undefined ? {} : { legID: legName(legID) }),
    ...(answered ? { sdpAnswer: SDP } : {}),
    ...{ peerState: peerAway ? 'reconnecting' : 'connected', peerMedia: peerShown },
  };
}

function ended({ placed }: Member, message: Message<'Ended'>): ServerMessage {
  const { callID, n, role, answered, reason, endedBy, phase } = message;
  const rest = { callID, n, reason, endedBy, phase };
  return (role === 'caller' || placed.has(callID)) && !answered
    ? { type: 'callResponse', callResponse: seedRefusal(reason), ...rest }
    : { type: 'stopCommunication', ...rest };
}
