/** What a client is told went wrong, by stable codes, and why a socket was closed. */
import { z } from 'zod';

export const ERROR_CODES = [
  'bad_json',
  'bad_message',
  'unknown_type',
  'binary_frame',
  'not_logged_in',
  'already_logged_in',
  'auth_failed',
  'identity_mismatch',
  'not_ringing',
  'no_such_call',
  'too_large',
  'rate_limited',
  'service_unavailable',
] as const;
export const errorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof errorCode>;

/** WebSocket close codes (RFC 6455, 7.4). `resume`: should the client come back by itself? */
export const CLOSE = {
  goingAway: { code: 1001, resume: true },
  badFrame: { code: 1008, resume: false },
  tooLarge: { code: 1009, resume: true },
  serviceRestart: { code: 1012, resume: true },
  tryAgainLater: { code: 1013, resume: true },
  takenOver: { code: 4001, resume: false },
  silent: { code: 4002, resume: true },
} as const;
