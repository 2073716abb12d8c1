/** From a text frame to a checked client message, or to a fault that names what is wrong with it. Never throws. */
import { CLIENT_MESSAGES, type ClientMessage, type ClientMessageType } from '@switchboard/protocol';
import type { Fault } from '../dialect/told.ts';

export type Read = { readonly kind: 'message'; readonly message: ClientMessage } | Fault;

const MOST_ISSUES = 3;
const LONGEST_TYPE = 64;

export function readMessage(text: string): Read {
  const value = parse(text);
  if (value === undefined) return fault('bad_json', 'the frame is not JSON');
  if (!isObject(value)) return fault('bad_message', 'the message is not a JSON object');
  const type = value['type'];
  if (typeof type !== 'string') return fault('bad_message', 'type: is missing or not a string');
  if (!isKnown(type)) return fault('unknown_type', 'type: is unknown', type.slice(0, LONGEST_TYPE));
  const result = CLIENT_MESSAGES[type].safeParse(value);
  if (result.success) return { kind: 'message', message: result.data };
  return fault('bad_message', describe(result.error.issues), type);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKnown(type: string): type is ClientMessageType {
  return Object.hasOwn(CLIENT_MESSAGES, type);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function describe(issues: readonly Issue[]): string {
  return issues
    .slice(0, MOST_ISSUES)
    .map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
    .join('; ');
}

function fault(code: Fault['code'], message: string, re?: string): Fault {
  return { kind: 'fault', code, message, re };
}
