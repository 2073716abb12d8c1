/**
 * Messages of a logged-in client, turned into commands. Identity is stamped here: what a payload says of its sender is
 * compared with who logged in, and never used.
 */
import {
  makeCallID,
  offerRef,
  partitionOfUser,
  type CallID,
  type ClientMessage,
  type UserID,
} from '@switchboard/protocol';
import type { Action, World } from './actions.ts';
import { remoteCandidate } from './candidates.ts';
import { renegotiate, showMedia } from './in-call.ts';
import { command, stopCommand, type Member } from './member.ts';

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;
type Accepting = Extract<Message<'incomingCallResponse'>, { callResponse: 'accepted' }>;

/** To a seed client these are as unknown as any other word. */
const NATIVE_ONLY = new Set<ClientMessage['type']>(['renegotiate', 'mediaState', 'presence', 'setPresence', 'ping']);

export function fromClient(member: Member, message: Exclude<ClientMessage, { type: 'login' }>, world: World): Action[] {
  const { type } = message;
  if (NATIVE_ONLY.has(type) && !member.isNative) return member.refuse('unknown_type', 'type: is unknown', type);
  switch (message.type) {
    case 'call':
      return call(member, message, world);
    case 'incomingCallResponse':
      return respond(member, message, world);
    case 'ringing':
      return ringing(member, message);
    case 'onIceCandidate':
      return remoteCandidate(member, message);
    case 'stop':
      return stop(member, message);
    case 'renegotiate':
      return renegotiate(member, message, world);
    case 'mediaState':
      return showMedia(member, message);
    case 'presence':
      return [{ kind: 'watch', userIDs: message.userIDs }];
    case 'setPresence':
      return [command({ type: 'SetPresence', userID: member.userID, ...member.speaker, state: message.state })];
    case 'ping':
      return member.tell({ kind: 'pong' });
    default:
      return message satisfies never;
  }
}

function call(member: Member, message: Message<'call'>, world: World): Action[] {
  const { callerID, calleeID, media, requestID, sdpOffer } = message;
  const { userID, calls } = member;
  if (callerID !== userID) return member.refuse('identity_mismatch', 'callerID: is not who logged in', 'call');
  // A retry of a call that is on its way already: its progress is being told.
  if (requestID !== undefined && calls.withRequest(requestID) !== undefined) return ignored();
  const legID = member.newLeg(message.legID);
  if (legID === undefined) return member.refuse('bad_message', 'legID: names another offer', 'call');
  const callID = makeCallID(partitionOfUser(userID, world.partitions), world.makeUuid());
  if (!calls.place(callID, legID, requestID)) return member.refuse('rate_limited', 'too many calls at once', 'call');
  const request = requestID === undefined ? {} : { requestID };
  return [
    command(
      { type: 'Place', userID, ...member.speaker, callID, calleeID, media, legID, ...request },
      { [offerRef(legID)]: sdpOffer },
    ),
  ];
}

function respond(member: Member, message: Message<'incomingCallResponse'>, world: World): Action[] {
  const known = ringingCall(member, message.callerID, message.callID);
  if (known === undefined) return member.refuse('not_ringing', 'no such call rings here', message.type);
  if (known.callerID !== message.callerID) {
    return member.refuse('identity_mismatch', 'callerID: is not the caller of this call', message.type);
  }
  const { callID } = known;
  if (message.callResponse === 'accepted') return accept(member, callID, message, world);
  member.calls.drop(callID);
  return [command({ type: 'Decline', userID: member.userID, ...member.speaker, callID })];
}

/** With a callID that very call, else the last that rang here from that caller. */
function ringingCall(member: Member, callerID: UserID, callID: CallID | undefined) {
  const known = callID === undefined ? member.calls.latestRinging(callerID) : member.calls.get(callID);
  return known?.kind === 'ringing' ? known : undefined;
}

function accept(member: Member, callID: CallID, message: Accepting, world: World): Action[] {
  const legID = member.newLeg(message.legID);
  if (legID === undefined) return member.refuse('bad_message', 'legID: names another offer', message.type);
  member.calls.accept(callID, legID);
  const device = member.device(world.gateway);
  const blobs = { [offerRef(legID)]: message.sdpOffer };
  return [command({ type: 'Accept', callID, userID: member.userID, device, legID }, blobs)];
}

function ringing(member: Member, { type, callID }: Message<'ringing'>): Action[] {
  if (member.calls.get(callID)?.kind !== 'ringing') {
    return member.refuse('not_ringing', 'callID: no such call rings here', type);
  }
  return [command({ type: 'DeviceRinging', callID, userID: member.userID, ...member.speaker })];
}

/** Without a callID a `stop` never ends a call that only rings; with one it names a call of this device. */
function stop(member: Member, message: Message<'stop'>): Action[] {
  const { calls } = member;
  const known = message.callID === undefined ? calls.latestOwn() : calls.find(message.callID);
  if (known === undefined && message.callID === undefined) return ignored();
  if (known === undefined || known.kind === 'ringing' || known.kind === 'stopped') {
    return member.refuse('no_such_call', 'callID: this device neither placed nor accepted it', message.type);
  }
  calls.stop(known, member.isNative);
  return [stopCommand(member, known.callID)];
}

function ignored(): Action[] {
  return [{ kind: 'count', what: 'message_ignored' }];
}
