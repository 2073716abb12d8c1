/** An operation is what `invoke` calls on an object: a schema of its parameters and what it does. */
import type { z } from 'zod';
import { readOperationParams, type Parameters } from '../parameters.ts';
import type { MediaObject } from './media-object.ts';

/** What an operation may reach besides its object. */
export interface Scope {
  /** The object of this id, now held by the calling session too; throws where there is none. */
  find(id: string): MediaObject;
}

/** The result is the answer's `value`; null stands for Kurento's void. */
export type Operation<T extends MediaObject> = (object: T, params: Parameters, scope: Scope) => unknown;
export type Operations<T extends MediaObject> = Readonly<Record<string, Operation<T>>>;

export function operation<T extends MediaObject, P>(
  schema: z.ZodType<P>,
  run: (object: T, params: P, scope: Scope) => unknown,
): Operation<T> {
  return (object, params, scope) => run(object, readOperationParams(schema, params), scope);
}
