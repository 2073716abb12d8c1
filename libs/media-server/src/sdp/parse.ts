/** Reads SDP (RFC 8866) into sections of attributes. Bounded: no offer larger than MAX_SDP_CHARACTERS is looked at. */

const MAX_SDP_CHARACTERS = 100_000;
const MAX_SECTIONS = 32;

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

interface Attribute {
  readonly name: string;
  readonly value: string;
}

export interface Section {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly attributes: readonly Attribute[];
}

export interface Description {
  readonly attributes: readonly Attribute[];
  readonly sections: readonly Section[];
}

export class SdpError extends Error {
  override readonly name = 'SdpError';
}

export function parseSdp(text: string): Description {
  if (text.length > MAX_SDP_CHARACTERS) throw new SdpError('SDP is too long');
  const lines = text.split(/\r\n|\n/).filter((line) => line !== '');
  if (lines[0] !== 'v=0') throw new SdpError('Invalid SDP');
  const starts = lines.flatMap((line, index) => (line.startsWith('m=') ? [index] : []));
  if (starts.length > MAX_SECTIONS) throw new SdpError('Too many media sections');
  const head = lines.slice(0, starts[0] ?? lines.length);
  const sections = starts.map((start, index) => parseSection(lines.slice(start, starts[index + 1] ?? lines.length)));
  return { attributes: attributesOf(head), sections };
}

function parseSection(lines: readonly string[]): Section {
  const [kind, port, protocol, ...formats] = (lines[0] ?? '').slice(2).split(' ');
  if (!kind || !protocol || port === undefined || !/^\d+(\/\d+)?$/.test(port)) throw new SdpError('Invalid media line');
  return { kind, port: Number.parseInt(port, 10), protocol, formats, attributes: attributesOf(lines) };
}

function attributesOf(lines: readonly string[]): Attribute[] {
  return lines
    .filter((line) => line.startsWith('a='))
    .map((line) => {
      const colon = line.indexOf(':');
      return colon < 0
        ? { name: line.slice(2), value: '' }
        : { name: line.slice(2, colon), value: line.slice(colon + 1).trim() };
    });
}

type Attributed = Pick<Section, 'attributes'>;

export const valuesOf = (from: Attributed, name: string): string[] =>
  from.attributes.filter((attribute) => attribute.name === name).map((attribute) => attribute.value);

export const valueOf = (from: Attributed, name: string): string | undefined =>
  from.attributes.find((attribute) => attribute.name === name)?.value;

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** The section's own direction, or the session's, or `sendrecv` (RFC 8866, 6.7). */
export function directionOf(section: Section, session: Description): Direction {
  const stated = (from: Attributed) => DIRECTIONS.find((name) => valueOf(from, name) !== undefined);
  return stated(section) ?? stated(session) ?? 'sendrecv';
}
