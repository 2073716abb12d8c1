/** JSON-RPC 2.0 as Kurento speaks it: reading requests, writing answers and events. */
import { z } from 'zod';
import { KurentoError, RpcError, RPC_ERRORS } from '../errors.ts';
import type { Parameters } from '../parameters.ts';

export type RequestId = string | number;

export interface Request {
  readonly id: RequestId | null;
  readonly method: string;
  readonly params: Parameters;
}

const requestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  method: z.string(),
  id: z.union([z.string().max(128), z.number()]).optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});

/** Throws RpcError for JSON that is no request. */
export function readRequest(json: unknown): Request {
  const read = requestSchema.safeParse(json);
  if (!read.success) throw new RpcError(RPC_ERRORS.invalidRequest, 'Invalid JSON-RPC request.');
  return { id: read.data.id ?? null, method: read.data.method, params: read.data.params ?? {} };
}

export interface Answer {
  readonly id: RequestId | null;
  readonly jsonrpc: '2.0';
  readonly result?: unknown;
  readonly error?: unknown;
}

export const resultAnswer = (id: RequestId | null, result: unknown): Answer => ({ id, jsonrpc: '2.0', result });

/** The outer edge of all errors: what is unknown becomes UNEXPECTED_ERROR, without its text. */
export function errorAnswer(id: RequestId | null, error: unknown): Answer {
  return { id, jsonrpc: '2.0', error: errorBody(error) };
}

function errorBody(error: unknown) {
  if (error instanceof RpcError) return { code: error.code, message: error.message };
  const known = error instanceof KurentoError ? error : new KurentoError('UNEXPECTED_ERROR', 'Unexpected error');
  return { code: known.code, data: { type: known.type }, message: known.message };
}

export const eventFrame = (object: string, type: string, data: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method: 'onEvent', params: { value: { data, object, type } } });
