/**
 * Several requests in one frame. `newref:N` in a later request stands for the value of request N. The first error
 * ends the transaction; what was done before it stays done, as with Kurento.
 */
import { z } from 'zod';
import { KurentoError } from '../errors.ts';
import { readMethodParams, type Parameters } from '../parameters.ts';
import { errorAnswer, readRequest, resultAnswer, type Answer } from './frames.ts';
import { callMethod, type MethodCall } from './methods.ts';

const MAX_OPERATIONS = 256;
const transaction = z.object({ operations: z.array(z.unknown()).max(MAX_OPERATIONS) });

export async function runTransaction(call: MethodCall): Promise<{ value: readonly Answer[] }> {
  const requests = readMethodParams(transaction, call.params).operations.map(readRequest);
  requests.forEach(({ id }, index) => {
    if (id !== index) throw new KurentoError('MALFORMED_TRANSACTION', `Id of request '${index}' should be '${index}'`);
  });
  const answers: Answer[] = [];
  const values: unknown[] = [];
  for (const { id, method, params } of requests) {
    try {
      const result = await callMethod(method, { ...call, params: resolve(params, values) as Parameters });
      values.push(result['value']);
      answers.push(resultAnswer(id, { ...result, sessionId: call.session.id }));
    } catch (error) {
      answers.push(errorAnswer(id, error));
      break;
    }
  }
  return { value: answers };
}

function resolve(value: unknown, values: readonly unknown[]): unknown {
  if (typeof value === 'string') {
    const index = /^newref:(\d+)$/.exec(value)?.[1];
    return index === undefined ? value : (values[Number(index)] ?? value);
  }
  if (Array.isArray(value)) return value.map((each) => resolve(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each, values)]));
}
