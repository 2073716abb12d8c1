/** The rules of a Call's parties: a socket that breaks, a new one, a leg that is made anew, and what a party sends. */
import type { Device, Shown } from '@switchboard/protocol';
import { elsewhere, happened, refuse, type Command, type Context, type Decision } from './decide-common.ts';
import { isTalking, partyOfUser, peerOf, placementOf, shownAtFirst, type LiveCall, type Party } from './state.ts';

export function partyAway({ call }: Context, { userID, session, connection }: Command<'PartyAway'>): Decision {
  const side = partyOfUser(call, userID);
  if (side?.party.device.session !== session) return [];
  const { role, party } = side;
  const device = { ...party.device, connection };
  // It may have come back already; or it came back and broke again before its gateway's word was here.
  if (connection < party.device.connection || (party.link === 'away' && !isNewer(device, party))) return [];
  const peer = party.link === 'away' ? undefined : peerOf(call, role)?.device;
  return [happened(call, { type: 'PartyAway', role, device, peer })];
}

const isNewer = ({ connection }: Device, { device }: Party): boolean => connection > device.connection;

export function partyHere({ call }: Context, { userID, device, fresh }: Command<'PartyHere'>): Decision {
  const side = partyOfUser(call, userID);
  if (!side && !isTalking(call) && userID === call.calleeID) return [happened(call, { type: 'ListenerHere', device })];
  if (!side) return stranger(call, userID, device);
  const { role, party } = side;
  if (party.device.session !== device.session) return elsewhere(call, role, device);
  if (device.connection < party.device.connection || (party.link === 'away' && !isNewer(device, party))) return [];
  const peer = peerOf(call, role);
  const leg = fresh ? 'void' : party.leg;
  const moved = happened(call, {
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
    peer: party.link === 'away' ? peer?.device : undefined,
  });
  return leg === 'void' ? [moved, happened(call, { type: 'LegVoided', role, device }, 2)] : [moved];
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
