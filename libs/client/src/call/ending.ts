/** What the server's last word on a call says of its end. */
import type { EndedState } from './call-state.ts';
import type { MessageOf } from '../wire.ts';

/** In the seed's words, where a message has no reason of its own. */
const SEED_REASONS = {
  notOnline: 'unreachable',
  isBusy: 'busy',
  rejected: 'declined',
  exception: 'service_error',
} as const;

export function endingOf(message: MessageOf<'callResponse'> | MessageOf<'stopCommunication'>): EndedState {
  const spoken =
    message.type === 'callResponse' && message.callResponse !== 'accepted'
      ? SEED_REASONS[message.callResponse]
      : 'completed';
  return { phase: 'ended', reason: message.reason ?? spoken, endedBy: message.endedBy ?? 'system' };
}
