/** The machines within a Call and a Line, each as what one part of the state is. */
import type { LiveCall, Party, State } from '@switchboard/call-model';
import type { Role } from '@switchboard/protocol';
import type { Change } from './explore.ts';
import type { View } from './diagram.ts';

const NONE = '[*]';

const liveCall = (state: State | undefined): LiveCall | undefined =>
  state?.kind === 'call' && state.phase !== 'ended' ? state : undefined;

function partyOf(state: State | undefined, role: Role): Party | undefined {
  const call = liveCall(state);
  if (role === 'caller') return call?.caller;
  return call && 'callee' in call ? call.callee : undefined;
}

export const phase: View = (state) => (state?.kind === 'call' ? state.phase : NONE);

/** A leg as long as its call lives. */
export const legOf =
  (role: Role): View =>
  (state) =>
    partyOf(state, role)?.leg ?? (liveCall(state) ? NONE : undefined);

export const linkOf =
  (role: Role): View =>
  (state) =>
    partyOf(state, role)?.link;

export const media: View = (state) => liveCall(state)?.media.kind;

export const engagement: View = (state) => (state?.kind === 'line' ? (state.engaged?.kind ?? 'free') : 'free');

/** The device whose session this is. */
export const deviceOf =
  (session: string): View =>
  (state) => {
    if (state?.kind !== 'line') return NONE;
    return state.devices.find(({ device }) => device.session === session)?.link.kind ?? NONE;
  };

/** An end with its reason. */
export const withReason = ({ event }: Change): string =>
  event.type === 'CallEnded' ? `${event.ending.reason}` : event.type;
