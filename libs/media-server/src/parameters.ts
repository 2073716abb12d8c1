/** Checks what clients send with zod and complains in Kurento's words. */
import type { z } from 'zod';
import { KurentoError, RPC_ERRORS, RpcError } from './errors.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** The parameters of an operation: a fault is a MARSHALL_ERROR. */
export function readOperationParams<T>(schema: z.ZodType<T>, params: Parameters): T {
  const read = schema.safeParse(params);
  if (read.success) return read.data;
  throw new KurentoError('MARSHALL_ERROR', complaint(read.error));
}

/** The parameters of a method (create, invoke, …): a fault is a plain JSON-RPC server error. */
export function readMethodParams<T>(schema: z.ZodType<T>, params: Parameters): T {
  const read = schema.safeParse(params);
  if (read.success) return read.data;
  const name = String(read.error.issues[0]?.path[0] ?? 'params');
  const missing = !(name in params);
  throw new RpcError(RPC_ERRORS.serverError, missing ? `'${name}' parameter is required` : complaint(read.error));
}

const WORDS: Readonly<Record<string, string>> = { number: 'integer', int: 'integer', record: 'object' };

function complaint(error: z.ZodError): string {
  const issue = error.issues[0];
  const name = String(issue?.path[0] ?? 'params');
  if (issue?.code !== 'invalid_type') return `Invalid value for '${name}'`;
  return `'${name}' parameter should be a ${WORDS[issue.expected] ?? issue.expected}`;
}
