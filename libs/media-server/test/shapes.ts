/**
 * What of an answer is compared: keys, types, constants (`FLOWING`, `kurento.MediaElement`, type names) and mids. IDs,
 * numbers, addresses and texts differ from run to run and count by their type.
 */
const EXACT_KEYS = new Set(['__type__', '__module__', 'type', 'sdpMid', 'pad', 'padName']);

export function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((each) => JSON.stringify(shapeOf(each))))].sort();
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value).sort();
    return Object.fromEntries(keys.map((name) => [name, shapeOf((value as Record<string, unknown>)[name], name)]));
  }
  if (typeof value !== 'string') return value === null ? null : typeof value;
  const constant = EXACT_KEYS.has(key) || /^[A-Z][A-Z_]+$/.test(value) || /^kurento\.\w+$/.test(value);
  return constant ? `=${value}` : value.startsWith('v=0\r\n') ? 'SDP' : 'string';
}

interface AnswerFrame {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly data?: unknown };
}

/** Of an error the code and its data, not the message. */
export function answerShape({ result, error }: AnswerFrame): string {
  return JSON.stringify(error ? { error: error.code, data: error.data ?? null } : { result: shapeOf(result) });
}
