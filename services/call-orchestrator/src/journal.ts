/** What becomes of calls, in the log and in the metrics: a line when one starts and one when it ends, with its callID. */
import type { CallEvent, Event } from '@switchboard/call-model';
import type { ObservedEvent } from '@switchboard/event-log';
import type { Logger, Registry } from '@switchboard/service-kit';
import { Counter } from 'prom-client';

export type Journal = (events: readonly ObservedEvent[]) => void;

export function createJournal(logger: Pick<Logger, 'info' | 'warn' | 'error'>, registry: Registry): Journal {
  const registers = [registry];
  const started = new Counter({ name: 'switchboard_calls_started_total', help: 'Calls placed', registers });
  const labelNames = ['reason', 'ended_by', 'phase'];
  const ended = new Counter({ name: 'switchboard_calls_ended_total', help: 'Calls ended', labelNames, registers });

  const end = ({ callID, ending }: Extract<CallEvent, { type: 'CallEnded' }>) => {
    ended.inc({ reason: ending.reason, ended_by: ending.endedBy, phase: ending.phase });
    if (ending.reason === 'service_error') logger.error({ callID, ...ending }, 'a call ended by our own fault');
    else logger.info({ callID, ...ending }, 'call ended');
  };
  const note = (event: Event) => {
    switch (event.type) {
      case 'CallStarted':
        started.inc();
        return logger.info({ callID: event.callID, media: event.media }, 'call started');
      case 'CallConnected':
        return logger.info({ callID: event.callID }, 'call connected');
      case 'CallEnded':
        return end(event);
      case 'StrayAttempt':
        return logger.warn({ callID: event.callID, worker: event.workerID }, 'media of no call is released');
      default:
        return undefined;
    }
  };
  return (events) => {
    for (const { event } of events) note(event as Event);
  };
}
