/** The documents in docs/protocol/ are what the sources say, and what they say is so. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  callCommand,
  CLIENT_MESSAGES,
  gatewayMessage,
  lineCommand,
  pushMessage,
  reason,
  server,
  workerMessage,
} from '@switchboard/protocol';
import { Ajv, type AnySchemaObject } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { frames } from './asyncapi/examples.ts';
import { EVENT_TYPES } from './events.ts';
import { generate } from './files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');
const addFormats = addFormatsModule as unknown as (ajv: Ajv) => void;
const newAjv = (): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  return ajv;
};

const FILES = ['asyncapi.json', 'flows.md', 'states.md'].map((name) => `docs/protocol/${name}`);
const CLIENT_TYPES = Object.keys(CLIENT_MESSAGES);
const SERVER_TYPES = Object.keys(server.SERVER_MESSAGES);
const COMMANDS = [...lineCommand.options, ...callCommand.options].map(({ shape }) => shape.type.value);
const PROCESS = [...gatewayMessage.options, ...workerMessage.options].map(({ shape }) => shape.type.value);
const MESSAGES = new Set<string>([...CLIENT_TYPES, ...SERVER_TYPES, ...COMMANDS, ...PROCESS, 'call.wake']);

describe('docs/protocol', () => {
  let files: Map<string, string>;
  beforeAll(async () => {
    files = await generate(ROOT);
  }, 120_000);

  it.each(FILES)('%s is what `npm run docs` writes', (path) => {
    expect(read(path), 'run `npm run docs`').toBe(files.get(path));
  });

  it('has no other generated file', () => {
    expect([...files.keys()].sort()).toEqual(FILES);
  });
});

describe('asyncapi.json', () => {
  const document = JSON.parse(read('docs/protocol/asyncapi.json')) as AnySchemaObject;

  it('is valid AsyncAPI 3.0', () => {
    const require = createRequire(import.meta.url);
    const { schemas } = require('@asyncapi/specs') as { schemas: Record<string, AnySchemaObject> };
    const official = structuredClone(schemas['3.0.0']!);
    // ajv brings its own.
    delete (official['definitions'] as AnySchemaObject)['http://json-schema.org/draft-07/schema'];
    const validate = newAjv().compile(official);
    validate(document);
    expect(validate.errors).toBeNull();
  }, 60_000);

  it('receives every client message and sends every server message', () => {
    const operations = Object.values(document['operations'] as Record<string, { action: string; title: string }>);
    const titles = (action: string) => operations.filter((each) => each.action === action).map(({ title }) => title);
    expect(titles('receive').sort()).toEqual([...CLIENT_TYPES].sort());
    expect(titles('send').sort()).toEqual([...SERVER_TYPES].sort());
  });

  it('describes every frame of every flow', () => {
    const ajv = newAjv();
    ajv.addSchema(document, 'asyncapi');
    const faults = frames().filter(({ direction, type, payload }) => {
      return !ajv.validate({ $ref: `asyncapi#/components/schemas/${direction}.${type}` }, payload);
    });
    expect(faults).toEqual([]);
  });

  it('refuses what the schemas refuse', () => {
    const ajv = newAjv();
    ajv.addSchema(document, 'asyncapi');
    const login = { $ref: 'asyncapi#/components/schemas/client.login' };
    expect(ajv.validate(login, { type: 'login', userID: 7 })).toBe(true);
    expect(ajv.validate(login, { type: 'login', userID: '' })).toBe(false);
    expect(ajv.validate(login, { type: 'login', userID: true })).toBe(false);
  });
});

describe('the diagrams', () => {
  it('of the flows name messages that exist', () => {
    const named = [...read('docs/protocol/flows.md').matchAll(/^ {2}p\d+--?>>p\d+: ([\w.]+)/gm)].map(
      ([, type]) => type!,
    );
    expect(named.length).toBeGreaterThan(300);
    expect(named.filter((type) => !MESSAGES.has(type))).toEqual([]);
  });

  it('of the flows name every command and message to a process', () => {
    const text = read('docs/protocol/flows.md');
    const missing = [...COMMANDS, ...PROCESS, pushMessage.shape.type.value].filter(
      (type) => !text.includes(`: ${type}`),
    );
    expect(missing).toEqual([]);
  });

  it('of the states name events, commands and reasons that exist', () => {
    const text = read('docs/protocol/states.md');
    const arrows = [...text.matchAll(/^ {2}\S+ --> \S+: (.*)$/gm)].flatMap(([, labels]) => labels!.split(', '));
    const commands = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, type]) => type!);
    const known = new Set<string>([...EVENT_TYPES, ...reason.options]);
    expect(arrows.filter((label) => !known.has(label))).toEqual([]);
    expect(commands.sort()).toEqual([...COMMANDS].sort());
  });

  it('of the states name every event', () => {
    const text = read('docs/protocol/states.md');
    const missing = EVENT_TYPES.filter((type) => !new RegExp(`\\b${type}\\b`).test(text));
    expect(missing).toEqual([]);
  });
});
