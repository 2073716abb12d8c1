/**
 * The last line of defence of the logs: whatever a caller hands over by mistake, values under a telling key and texts
 * that look like SDP or a candidate are replaced. The first line are the types in `redacted.ts`.
 */

const tellingKey =
  /(sdp|sdp_?offer|sdp_?answer|candidate|token|password|passwd|credentials?|secret|authorization|cookie)$/i;
const tellingText = /^(v=0\r?\n|(a=)?candidate:)/;
const deepest = 6;

/** A copy of `fields` that is safe to log. Numbers and booleans under a telling key stay, they are counts and flags. */
export function redactFields(fields: object): Record<string, unknown> {
  return redactEntries(fields, 0);
}

function redactEntries(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, tellingKey.test(key) ? hide(value) : redactValue(value, depth)]),
  );
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return tellingText.test(value) ? hide(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (hasToJson(value)) return redactValue(value.toJSON(), depth + 1);
  if (depth >= deepest) return '[too deep]';
  if (value instanceof Error) return redactError(value, depth + 1);
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, depth + 1));
  return redactEntries(value, depth + 1);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    stack,
    ...redactEntries(error, depth),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth) }),
  };
}

function hide(value: unknown): unknown {
  if (value === null || ['undefined', 'number', 'boolean'].includes(typeof value)) return value;
  if (typeof value === 'object' && hasToJson(value)) return value.toJSON();
  return typeof value === 'string' ? `[redacted, ${value.length} characters]` : '[redacted]';
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
