/** The zod schemas of the client protocol as JSON Schema (draft 7), with names for the parts that come again. */
import {
  callID,
  candidate,
  clientLeg,
  CLIENT_MESSAGES,
  deviceReason,
  endedBy,
  errorCode,
  mediaKind,
  ownPresence,
  phase,
  presence,
  reason,
  sdp,
  server,
  sessionID,
  userID,
} from '@switchboard/protocol';
import { z } from 'zod';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}
export type Direction = 'client' | 'server';

const SHARED = { callID, clientLeg, deviceReason, endedBy, errorCode, mediaKind, ownPresence, phase, presence, reason };
const MORE = { sdp, sessionID, iceServer: server.iceServer };
/** A client may write these in more ways than the server does. */
const LENIENT = { userID, candidate };

export const refOf = (id: string): string => `#/components/schemas/${id}`;

/** What clients may write, and what the server writes; one name is one schema. */
export function allSchemas(): Record<string, Json> {
  const schemas: Record<string, Json> = { ...schemasOf('client') };
  for (const [id, schema] of Object.entries(schemasOf('server'))) {
    if (id in schemas && JSON.stringify(schemas[id]) !== JSON.stringify(schema))
      throw new Error(`${id} is two schemas`);
    schemas[id] = schema;
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemasOf(direction: Direction): Record<string, Json> {
  const messages = direction === 'client' ? CLIENT_MESSAGES : server.SERVER_MESSAGES;
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...SHARED, ...MORE })) registry.add(schema, { id });
  for (const [id, schema] of Object.entries(LENIENT)) registry.add(schema, { id: `${direction}.${id}` });
  for (const [type, schema] of Object.entries(messages)) registry.add(schema, { id: `${direction}.${type}` });
  const { schemas } = z.toJSONSchema(registry, {
    uri: refOf,
    io: direction === 'client' ? 'input' : 'output',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => void Object.assign(jsonSchema, filledIn(zodSchema, direction)),
  });
  return tidy(JSON.parse(JSON.stringify(schemas)) as JsonObject) as Record<string, Json>;
}

/** JSON Schema can't say what a transformation makes of its input. */
function filledIn(schema: unknown, direction: Direction): object {
  if (direction === 'client') return schema === userID ? { anyOf: [limitsOf(userID), { type: 'integer' }] } : {};
  if (schema === candidate.shape.sdpMid) return { type: 'string', maxLength: 64 };
  return schema === candidate.shape.sdpMLineIndex ? { type: 'integer', minimum: 0, maximum: 63 } : {};
}

function limitsOf(schema: z.ZodType): object {
  const { $schema: _schema, ...limits } = z.toJSONSchema(schema, { io: 'output', target: 'draft-7' });
  return limits;
}

/** Unknown fields are ignored, on both sides; a name within the document needs no `$id`. */
function tidy(value: Json): Json {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const { $schema: _schema, $id: _id, additionalProperties: _more, ...rest } = value as Record<string, Json>;
  const [only] = Array.isArray(rest['allOf']) && rest['allOf'].length === 1 ? rest['allOf'] : [];
  if (only !== undefined && Object.keys(rest).length === 1) return tidy(only);
  return Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, tidy(each)]));
}
