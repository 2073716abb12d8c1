/** Messages as they really are, taken from the flows; each type's first. */
import { FLOWS, played, type Flow } from '../flows/index.ts';
import type { Direction, JsonObject } from './schemas.ts';

export interface Example {
  readonly direction: Direction;
  readonly type: string;
  readonly flow: string;
  readonly payload: JsonObject;
}

const ERROR: Example = {
  ...{ direction: 'server', type: 'error', flow: 'A candidate that belongs to no call' },
  payload: { type: 'error', code: 'no_such_call', message: 'the candidate belongs to no call', re: 'onIceCandidate' },
};

/** Every frame of every flow. */
export function frames(): Example[] {
  return [...FLOWS.flatMap(framesOf), ERROR];
}

function framesOf(flow: Flow): Example[] {
  const { clients, steps } = played(flow);
  return steps.flatMap((step): Example[] => {
    if (step.kind === 'note' || !(clients.has(step.from) || clients.has(step.to))) return [];
    const direction = clients.has(step.from) ? 'client' : 'server';
    const payload = JSON.parse(JSON.stringify(step.message)) as JsonObject;
    return [{ direction, type: step.message.type, flow: flow.title, payload }];
  });
}

export function exampleOf(all: readonly Example[], direction: Direction, type: string): Example {
  const found = all.find((each) => each.direction === direction && each.type === type);
  if (!found) throw new Error(`No flow has a ${type} from the ${direction}`);
  return found;
}
