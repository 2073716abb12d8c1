/** The call model as the log runs it; its questions are answered from what is known of the workers. */
import {
  createModel,
  type Event,
  type Policy,
  type ProcessMessage,
  type Question,
  type State,
} from '@switchboard/call-model';
import type { Domain } from '@switchboard/event-log';
import type { Command } from '@switchboard/protocol';
import type { Placement } from './placement.ts';

export type CallDomain = Domain<State, Command, Event, ProcessMessage, Question>;

export function createDomain(options: {
  readonly partitions: number;
  readonly policy: Policy;
  readonly placement: Placement;
}): CallDomain {
  return {
    ...createModel(options),
    answer: ({ callID, attempt, exclude }) => ({
      type: 'WorkerChosen',
      callID,
      attempt,
      workerID: options.placement.choose(exclude),
    }),
  };
}
