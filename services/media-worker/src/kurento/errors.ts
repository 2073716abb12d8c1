/**
 * Errors of the media server and of the way to it. `code` is one of ours below, or the number of Kurento's error as a text
 * (`'40201'`: a bad SDP, `'40101'`: no such object). `temporary`: the same call may succeed later.
 */
const OWN_CODES = {
  /** There is no connection to the media server. */
  unreachable: { temporary: true },
  /** No answer within the deadline; what was asked may have happened. */
  timeout: { temporary: true },
  /** The media server was restarted: all its objects are gone. */
  lost: { temporary: false },
  /** kurento-client answered with something that Kurento never says. */
  protocol: { temporary: false },
} as const;
export type OwnCode = keyof typeof OWN_CODES;

const KURENTO = { badSdp: '40201', noSuchObject: '40101', noSuchSession: '40007' } as const;

export class KurentoError extends Error {
  readonly code: string;
  readonly temporary: boolean;

  constructor(code: string, message: string, temporary = false) {
    super(message);
    this.name = 'KurentoError';
    this.code = code;
    this.temporary = temporary;
  }
}

export function ownError(code: OwnCode, method: string): KurentoError {
  return new KurentoError(code, `${method}: ${code}`, OWN_CODES[code].temporary);
}

/** From what kurento-client hands to a callback. Kurento's own text is left out: it may quote SDP and addresses. */
export function fromKurento(error: unknown, method: string): KurentoError {
  if (error instanceof KurentoError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return new KurentoError(String(code), `${method}: Kurento error ${String(code)}`);
  return ownError('protocol', method);
}

/** True if the object is known not to be there (any more). */
export function isGone(error: unknown): boolean {
  const gone: readonly string[] = [KURENTO.noSuchObject, KURENTO.noSuchSession, 'lost'];
  return error instanceof KurentoError && gone.includes(error.code);
}
