/** Every error this server answers, with Kurento's codes (recorded in tests/fixtures/kms-wire; 402xx as in its sources). */

const ERRORS = {
  MARSHALL_ERROR: 40001,
  INVALID_SESSION: 40007,
  MALFORMED_TRANSACTION: 40008,
  MEDIA_OBJECT_NOT_FOUND: 40101,
  MEDIA_OBJECT_ILLEGAL_PARAM_ERROR: 40105,
  MEDIA_OBJECT_EVENT_NOT_SUPPORTED: 40106,
  MEDIA_OBJECT_NOT_AVAILABLE: 40108,
  MEDIA_OBJECT_TAG_KEY_NOT_FOUND: 40110,
  CONNECT_ERROR: 40103,
  SDP_PARSE_ERROR: 40201,
  SDP_END_POINT_NO_LOCAL_SDP_ERROR: 40202,
  SDP_END_POINT_NO_REMOTE_SDP_ERROR: 40203,
  SDP_END_POINT_PROCESS_OFFER_ERROR: 40205,
  SDP_END_POINT_PROCESS_ANSWER_ERROR: 40206,
  SDP_END_POINT_ALREADY_NEGOTIATED: 40208,
  SDP_END_POINT_NOT_OFFER_GENERATED: 40209,
  SDP_END_POINT_ANSWER_ALREADY_PROCCESED: 40210,
  ICE_GATHER_CANDIDATES_ERROR: 40400,
  ICE_ADD_CANDIDATE_ERROR: 40401,
  UNDEFINED: 40500,
  UNEXPECTED_ERROR: 40000,
} as const;

export type ErrorType = keyof typeof ERRORS;

/** An answer of Kurento's own kind: `{code, message, data: {type}}`. */
export class KurentoError extends Error {
  override readonly name = 'KurentoError';
  readonly type: ErrorType;

  constructor(type: ErrorType, message: string, options?: ErrorOptions) {
    super(message, options);
    this.type = type;
  }

  get code(): number {
    return ERRORS[this.type];
  }
}

/** JSON-RPC 2.0's own errors, which carry no data. */
export const RPC_ERRORS = { invalidRequest: -32_600, methodNotFound: -32_601, serverError: -32_000 } as const;

export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const objectNotFound = (id: string) => new KurentoError('MEDIA_OBJECT_NOT_FOUND', `Object '${id}' not found`);
