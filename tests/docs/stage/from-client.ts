/** What a gateway makes of a client's message: commands, or a candidate for a worker. Checks are left out. */
import { makeLegID, type CallID, type ClientMessage, type Command } from '@switchboard/protocol';
import type { Member } from './member.ts';
import type { Stage } from './stage.ts';

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;

export function fromClient(stage: Stage, member: Member, message: ClientMessage): void {
  const send = (command: Command): void => stage.sendCommand(member.gateway, command);
  if (message.type === 'presence') return watch(member, message, send);
  if (message.type === 'onIceCandidate') return candidate(stage, member, message);
  send(commandOf(stage, member, message));
}

function commandOf(
  stage: Stage,
  member: Member,
  message: Exclude<ClientMessage, { type: 'presence' | 'onIceCandidate' }>,
): Command {
  const { userID, speaker, device } = member;
  switch (message.type) {
    case 'login':
      return login(member, message);
    case 'call':
      return place(stage, member, message);
    case 'ringing':
      return { type: 'DeviceRinging', callID: message.callID, ...speaker };
    case 'incomingCallResponse':
      return respond(member, message);
    case 'stop':
      return { type: 'Stop', ...speaker, callID: message.callID as CallID };
    case 'renegotiate':
      return { type: 'Renegotiate', callID: message.callID, userID, device, legID: legOf(member, message) };
    case 'mediaState': {
      const { callID, audio, video, screen } = message;
      return { type: 'ShowMedia', callID, ...speaker, audio, video, screen };
    }
    case 'setPresence':
      return { type: 'SetPresence', ...speaker, state: message.state };
    default:
      return message satisfies never;
  }
}

function login(member: Member, { capabilities, resume }: Message<'login'>): Command {
  const { userID, socket, gateway } = member;
  member.fresh = resume?.fresh ?? false;
  member.asks = resume?.calls ?? [];
  const again = resume === undefined ? {} : { resume: resume.sessionID };
  return { type: 'AttachDevice', userID, socket, gateway, capabilities, ...again };
}

function place(stage: Stage, member: Member, message: Message<'call'>): Command {
  const { calleeID, media, requestID } = message;
  const callID = stage.newCallID(member.userID);
  member.placed.add(callID);
  const legID = legOf(member, message);
  return { type: 'Place', ...member.speaker, callID, calleeID, media, legID, requestID };
}

function respond(member: Member, message: Message<'incomingCallResponse'>): Command {
  const callID = message.callID as CallID;
  if (message.callResponse === 'rejected') return { type: 'Decline', ...member.speaker, callID };
  const { userID, device } = member;
  return { type: 'Accept', callID, userID, device, legID: legOf(member, message) };
}

function watch(member: Member, { userIDs }: Message<'presence'>, send: (command: Command) => void): void {
  const { gateway, watching } = member;
  member.watching = userIDs;
  for (const userID of userIDs.filter((each) => !watching.includes(each))) send({ type: 'Watch', userID, gateway });
  for (const userID of watching.filter((each) => !userIDs.includes(each))) send({ type: 'Unwatch', userID, gateway });
}

function candidate(stage: Stage, member: Member, message: Message<'onIceCandidate'>): void {
  const legID = legOf(member, message);
  const route = member.routes.get(legID);
  if (!route) throw new Error(`${legID} has no route yet`);
  const { workerID, ...rest } = route;
  const words = { type: 'RemoteCandidate', ...rest, legID, candidate: message.candidate } as const;
  stage.send(member.gateway, workerID, words, () => stage.workers.take(workerID, words));
}

const legOf = ({ session }: Member, { legID = '' }: { legID?: string | undefined }) => makeLegID(session, legID);
