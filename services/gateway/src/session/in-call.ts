/** What happens around a call that this device is in: new offers, what either party sends, the other's connection. */
import { offerRef, type ClientMessage } from '@switchboard/protocol';
import type { Action, SessionMessage, World } from './actions.ts';
import { command, dropped, type Member } from './member.ts';

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;
type News = Extract<SessionMessage, { type: 'PeerState' | 'PeerMedia' | 'Renegotiate' }>;

/** A new connection of the client takes the place of the one before. */
export function renegotiate(member: Member, message: Message<'renegotiate'>, world: World): Action[] {
  const { type, sdpOffer } = message;
  const known = member.calls.find(message.callID);
  if (known?.kind !== 'placed' && known?.kind !== 'accepted') return noSuchCall(member, type);
  const legID = member.newLeg(message.legID);
  if (legID === undefined) return member.refuse('bad_message', 'legID: names another offer', type);
  const { callID } = known;
  member.calls.legs.offer(callID, legID);
  const device = member.device(world.gateway);
  const blobs = { [offerRef(legID)]: sdpOffer };
  return [command({ type: 'Renegotiate', callID, userID: member.userID, device, legID }, blobs)];
}

/** A call that was asked for after a resume will say itself whether this device is in it. */
export function showMedia(member: Member, message: Message<'mediaState'>): Action[] {
  const { type, audio, video, screen } = message;
  const known = member.calls.find(message.callID);
  if (known === undefined || known.kind === 'ringing' || known.kind === 'stopped') return noSuchCall(member, type);
  const { callID } = known;
  return [command({ type: 'ShowMedia', callID, userID: member.userID, ...member.speaker, audio, video, screen })];
}

/** What a Call says to a party of it. */
export function news(member: Member, message: News): Action[] {
  const { callID, n } = message;
  const kind = member.calls.get(callID)?.kind;
  if (kind !== 'placed' && kind !== 'accepted') return dropped();
  switch (message.type) {
    case 'PeerState':
      return member.tell({ kind: 'peerState', callID, n, state: message.state });
    case 'PeerMedia': {
      const { audio, video, screen } = message;
      return member.tell({ kind: 'peerMedia', callID, n, shown: { audio, video, screen } });
    }
    case 'Renegotiate':
      return member.tell({ kind: 'renegotiate', callID, n, cause: message.cause });
    default:
      return message satisfies never;
  }
}

function noSuchCall(member: Member, re: string): Action[] {
  return member.refuse('no_such_call', 'callID: this device neither placed nor accepted it', re);
}
