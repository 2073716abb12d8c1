/** Gathers the raw values of a configuration: environment, flags, files of secrets. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

import type { ConfigFault } from './config-error.ts';
import { flagOf, metaOf } from './config-meta.ts';

export interface ConfigSource {
  env: Readonly<Record<string, string | undefined>>;
  /** Without the node binary and the script. */
  argv: readonly string[];
  /** Keys that may be given as a flag; default: every key but the secrets. */
  flags?: readonly string[];
}

export type Values = Record<string, string>;

interface Reading {
  values: Values;
  faults: ConfigFault[];
}

/** Never throws: what can't be read becomes a fault. */
export function readValues(schema: z.ZodObject, source: ConfigSource): Reading {
  const names = Object.keys(schema.shape);
  const secrets = names.filter((name) => metaOf(schema.shape[name]).secret);
  const env = fromEnv(names, source.env);
  const files = fromFiles(secrets, source.env);
  const flags = fromFlags(source.flags ?? names.filter((name) => !secrets.includes(name)), source.argv);
  return {
    values: { ...env, ...files.values, ...flags.values },
    faults: [...files.faults, ...flags.faults],
  };
}

/** An empty variable counts as unset: that is how shells and compose files clear one. */
function fromEnv(names: readonly string[], env: ConfigSource['env']): Values {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function fromFiles(secrets: readonly string[], env: ConfigSource['env']): Reading {
  const reading: Reading = { values: {}, faults: [] };
  for (const name of secrets) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    if (env[name]) reading.faults.push({ name, problem: `is given twice, by ${name} and by ${name}_FILE` });
    else readSecret(reading, name, path);
  }
  return reading;
}

function readSecret({ values, faults }: Reading, name: string, path: string): void {
  try {
    values[name] = readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    faults.push({ name: `${name}_FILE`, problem: `can't be read (${code}): ${path}`, example: `/run/secrets/${name}` });
    values[name] = '';
  }
}

function fromFlags(names: readonly string[], argv: readonly string[]): Reading {
  const reading: Reading = { values: {}, faults: [] };
  const known = new Map(names.map((name) => [flagOf(name), name]));
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [flag = word, inline] = splitFlag(word);
    const name = known.get(flag);
    if (!word.startsWith('--')) reading.faults.push({ name: word, problem: 'is not expected here' });
    else if (name === undefined) skipUnknown(reading, flag, rest, inline);
    else reading.values[name] = inline ?? valueAfter(rest);
  }
  return reading;
}

function splitFlag(word: string): [string, string?] {
  const at = word.indexOf('=');
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** The word after a flag; a flag with none (`--verbose`) means `true`. */
function valueAfter(rest: string[]): string {
  return rest[0] === undefined || rest[0].startsWith('--') ? 'true' : (rest.shift() ?? 'true');
}

function skipUnknown({ faults }: Reading, flag: string, rest: string[], inline: string | undefined): void {
  if (inline === undefined) valueAfter(rest);
  faults.push({ name: flag, problem: 'is not a flag of this program' });
}
