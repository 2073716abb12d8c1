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
  'not_resumed',
  'rate_limited',
  'service_unavailable',
] as const;
export const errorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof errorCode>;

/** WebSocket close codes (RFC 6455, 7.4). `resume`: should the client come back by itself? */
export const CLOSE = {
  /** Too many messages; a client that comes back does the same again. */
  rateExceeded: { code: 1008, resume: false },
  serviceRestart: { code: 1012, resume: true },
  /** Another socket has this session now. */
  takenOver: { code: 4001, resume: false },
  /** No sign of life for two heartbeats. */
  silent: { code: 4002, resume: true },
} as const;
