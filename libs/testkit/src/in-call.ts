/** Two synthetic users in a call, and whether its media flows. */
import type { SyntheticUser } from './synthetic-user.ts';
import { eventually } from './wait.ts';

const PACKETS = 20;
const KINDS = ['audio', 'video'] as const;

/** One calls, the other accepts; resolves when the media of both is connected. `withinMs`: the longest wait for each step. */
export async function putInCall(caller: SyntheticUser, callee: SyntheticUser, withinMs = 10_000): Promise<void> {
  await caller.call(callee.userID);
  const { callID } = await callee.socket.next('incomingCall', withinMs);
  await callee.accept(caller.userID, callID);
  await Promise.all([caller.socket.next('callResponse', withinMs), callee.socket.next('startCommunication', withinMs)]);
  await Promise.all([caller.talk(withinMs), callee.talk(withinMs)]);
}

/** Resolves when sound and picture have arrived at each of them since it was called. */
export async function mediaFlows(...users: readonly SyntheticUser[]): Promise<void> {
  const before = users.map(arrived);
  const flows = () =>
    users.every((user, at) => arrived(user).every((count, kind) => count > (before[at]?.[kind] ?? 0) + PACKETS));
  await eventually('sound and picture on all sides', flows, 20_000);
}

function arrived(user: SyntheticUser): readonly number[] {
  const stats = user.stats();
  return KINDS.map((kind) => stats[kind].received + stats[kind].duplicates);
}
