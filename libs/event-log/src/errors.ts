/** The closed set of errors of the log. `temporary`: the same call may succeed later; its outcome may be unknown. */
export const logErrorCodes = {
  /** The store cannot be reached, or the connection broke while it was asked. */
  unavailable: { temporary: true },
  /** No answer in time; what was asked may have happened. */
  timeout: { temporary: true },
  /** The store has no memory left but its reserve, and this may not use it. Nothing happened. */
  exhausted: { temporary: true },
  /** Too much is queued for this target already. */
  overloaded: { temporary: true },
  /** This sender was declared dead by the receiver. */
  gone: { temporary: false },
  /** The cluster was started with another number of partitions. */
  'partitions-differ': { temporary: false },
  /** The store cannot keep the log's promises: it is too old, or set to throw data away when its memory is full. */
  unfit: { temporary: false },
  /** Used after `close`. */
  closed: { temporary: false },
  /** A refusal of the store that repeating does not cure (a bug or a wrong setting). */
  internal: { temporary: false },
} as const;

export type LogErrorCode = keyof typeof logErrorCodes;

export class LogError extends Error {
  readonly code: LogErrorCode;
  readonly temporary: boolean;

  constructor(code: LogErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LogError';
    this.code = code;
    this.temporary = logErrorCodes[code].temporary;
  }
}

/** True if asking again may help. */
export function isTemporary(error: unknown): boolean {
  return error instanceof LogError && error.temporary;
}
