/** The rules of a Call's parties: a socket that breaks, a new one, a leg that is made anew, and what a party sends. */
import type { Device, Shown } from '@switchboard/protocol';
import { elsewhere, happened, refuse, setupUntil, type Command, type Context, type Decision } from './decide-common.ts';
import type { CallEvent } from './events.ts';
import {
  isRebuilt,
  isSettingUp,
  isTalking,
  partyOfUser,
  peerOf,
  placementOf,
  shownAtFirst,
  type LiveCall,
  type Party,
  type Side,
} from './state.ts';

export function partyAway(context: Context, { userID, session, connection }: Command<'PartyAway'>): Decision {
  const { call } = context;
  const side = partyOfUser(call, userID);
  if (side?.party.device.session !== session) return [];
  const { role, party } = side;
  const device = { ...party.device, connection };
  // It may have come back already; or it came back and broke again before its gateway's word was here.
  if (connection < party.device.connection || (party.link === 'away' && !isNewer(device, party))) return [];
  const peer = party.link === 'away' ? undefined : peerOf(call, role)?.device;
  const until = isSettingUp(call) ? setupUntil(context, { away: true }) : undefined;
  return [happened(call, { type: 'PartyAway', role, device, peer, until })];
}

const isNewer = ({ connection }: Device, { device }: Party): boolean => connection > device.connection;

export function partyHere(context: Context, { userID, device, fresh }: Command<'PartyHere'>): Decision {
  const { call } = context;
  const side = partyOfUser(call, userID);
  if (!side && !isTalking(call) && userID === call.calleeID) return [happened(call, { type: 'ListenerHere', device })];
  if (!side) return stranger(call, userID, device);
  const { role, party } = side;
  if (party.device.session !== device.session) return elsewhere(call, role, device);
  if (device.connection < party.device.connection || (party.link === 'away' && !isNewer(device, party))) return [];
  const leg = fresh ? 'void' : party.leg;
  const moved = partyMoved(context, side, { device, leg });
  if (leg !== 'void') return [moved];
  const cause = !fresh && isRebuilt(call) ? 'media_server_lost' : 'reload';
  return [moved, happened(call, { type: 'LegVoided', role, device, cause }, 2)];
}

/** With its leg as it is on this device. */
function partyMoved(
  context: Context,
  { role, party }: Side,
  { device, leg }: Pick<Party, 'device' | 'leg'>,
): CallEvent {
  const { call, now } = context;
  const peer = peerOf(call, role);
  return happened(call, {
    type: 'PartyMoved',
    role,
    device,
    phase: call.phase,
    peerID: role === 'caller' ? call.calleeID : call.caller.userID,
    media: call.mediaKind,
    legID: party.legID,
    leg,
    placed: placementOf(call),
    peerAway: peer?.link === 'away',
    peerShown: peer?.shown ?? shownAtFirst(call.mediaKind),
    ownShown: party.shown,
    connectedMs: call.phase === 'connected' && call.since !== undefined ? now - call.since : undefined,
    peer: party.link === 'away' ? peer?.device : undefined,
    until: isSettingUp(call) ? setupUntil(context, { away: peer?.link === 'away' }) : undefined,
  });
}

export function renegotiate({ call }: Context, { userID, device, legID }: Command<'Renegotiate'>): Decision {
  const side = partyOfUser(call, userID);
  if (!side) return stranger(call, userID, device);
  const { role, party } = side;
  if (party.device.session !== device.session) return elsewhere(call, role, device);
  if (device.connection !== party.device.connection || legID === party.legID) return [];
  const how = { media: call.mediaKind, placed: placementOf(call), join: isTalking(call) };
  return [happened(call, { type: 'LegReplaced', role, device, legID, ...how })];
}

export function showMedia({ call }: Context, command: Command<'ShowMedia'>): Decision {
  const { userID, session, audio, video, screen } = command;
  const side = partyOfUser(call, userID);
  if (side?.party.device.session !== session || shows(side.party, command)) return [];
  const { role } = side;
  return [
    happened(call, { type: 'MediaShown', role, shown: { audio, video, screen }, peer: peerOf(call, role)?.device }),
  ];
}

export const shows = ({ shown }: Party, { audio, video, screen }: Shown): boolean =>
  shown.audio === audio && shown.video === video && shown.screen === screen;

/** A callee's device that only rings has no leg yet; anybody else is not in the call. */
function stranger(call: LiveCall, userID: string, device: Device): Decision {
  if (userID === call.calleeID && !isTalking(call)) return [];
  return refuse(call, device, { reason: 'service_error', endedBy: 'system', phase: call.phase });
}
