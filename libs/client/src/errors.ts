/** Everything that this library reports as an error: the server's codes, and those that only a client can have. */
import type { ErrorCode as ServerErrorCode } from '@switchboard/protocol';

/** Why a call could not even begin on this device. */
export type MediaErrorCode = 'no_media_devices' | 'media_denied';
/** `session_taken_over`: another page has this session now. */
export type SwitchboardErrorCode =
  ServerErrorCode | MediaErrorCode | 'not_connected' | 'session_closed' | 'session_taken_over' | 'setup_failed';

export class SwitchboardError extends Error {
  override readonly name = 'SwitchboardError';
  readonly code: SwitchboardErrorCode;
  /** The type of the message that the server complains about. */
  readonly re: string | undefined;

  constructor(code: SwitchboardErrorCode, message: string, details: { re?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.re = details.re;
  }
}
