/** ICE candidates, both ways. What belongs to no leg that is known here goes nowhere. */
import { makeLegID, type Candidate, type ClientMessage } from '@switchboard/protocol';
import type { Action, SessionMessage } from './actions.ts';
import type { Leg, Route } from './leg.ts';
import { dropped, type Member } from './member.ts';

type FromClient = Extract<ClientMessage, { type: 'onIceCandidate' }>;
type Mail<T extends SessionMessage['type']> = Extract<SessionMessage, { type: T }>;

const lost: Action = { kind: 'count', what: 'candidate_dropped' };

export function remoteCandidate(member: Member, message: FromClient): Action[] {
  const leg = legOf(member, message);
  if (leg === undefined || !isOf(member, leg, message.callID)) {
    return [lost, ...member.refuse('no_such_call', 'the candidate belongs to no call', message.type)];
  }
  if (!leg.takeRemote(message.candidate)) return [lost];
  return leg.route === undefined ? [] : toWorker(leg, leg.route, [message.candidate]);
}

/** Where a leg's candidates go. */
export function route(member: Member, { callID, attempt, workerID, legID }: Mail<'Route'>): Action[] {
  const leg = member.calls.legs.get(legID);
  return leg?.callID === callID ? routed(leg, { workerID, attempt }) : dropped();
}

/** The candidates that its worker has not had follow at once. */
export function routed(leg: Leg, to: Route): Action[] {
  return toWorker(leg, to, leg.routeTo(to));
}

export function localCandidate(member: Member, message: Mail<'LocalCandidate'>): Action[] {
  const { callID, attempt, legID, candidate } = message;
  const leg = member.calls.legs.get(legID);
  if (leg?.callID !== callID) return [lost];
  switch (leg.takeLocal({ attempt, candidate })) {
    case 'write':
      return toClient(member, leg, [candidate]);
    case 'held':
      return [];
    case 'dropped':
      return [lost];
  }
}

export function toClient(member: Member, { callID, id: legID }: Leg, candidates: readonly Candidate[]): Action[] {
  return candidates.flatMap((candidate) => member.tell({ kind: 'candidate', callID, legID, candidate }));
}

function toWorker(leg: Leg, { workerID, attempt }: Route, candidates: readonly Candidate[]): Action[] {
  const { callID, id: legID } = leg;
  return candidates.map((candidate) => ({
    ...{ kind: 'candidate', worker: workerID },
    message: { type: 'RemoteCandidate', callID, attempt, legID, candidate },
  }));
}

function legOf(member: Member, { callID, legID }: FromClient): Leg | undefined {
  const { calls } = member;
  if (legID !== undefined) return calls.legs.get(makeLegID(member.session, legID));
  if (callID === undefined) return calls.legs.current;
  const known = calls.find(callID);
  return known && calls.legs.latestOf(known.callID);
}

function isOf({ calls }: Member, leg: Leg, callID: FromClient['callID']): boolean {
  return callID === undefined || leg.callID === (calls.find(callID)?.callID ?? callID);
}
