/**
 * The Lua scripts as typed calls. Each lies in `lua/`, with its keys, arguments and answers in its header. They are Redis 7
 * scripts: one that is refused (no memory, disk or replica to write to) has done nothing, and none is declared to only read.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LogError } from '../errors.ts';
import type { Nodes } from './nodes.ts';

/** With its first line. Above `maxmemory` everything is done that goes on or ends what there is; only what is new is refused. */
const flags = {
  append: '#!lua flags=allow-oom',
  appendNew: '#!lua',
  take: '#!lua flags=allow-oom',
  renew: '#!lua flags=allow-oom',
  release: '#!lua flags=allow-oom',
  holder: '#!lua flags=allow-oom',
  commit: '#!lua flags=allow-oom',
  due: '#!lua flags=allow-oom',
  trim: '#!lua flags=allow-oom',
  beat: '#!lua flags=allow-oom',
  beats: '#!lua flags=allow-oom',
} as const;
export type ScriptName = keyof typeof flags;
const names = Object.keys(flags) as ScriptName[];

/** Calls a script by its name with its keys, all of one hash tag, and its arguments; the answer is as Redis gave it. */
export type RunScript = (
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/** The scripts, called by their hash; a server that does not know one is sent its text. */
export function scriptsOn(nodes: Nodes): RunScript {
  const scripts = new Map(names.map((name) => [name, load(name)]));
  return async (name, keys, args) => {
    const { text, hash } = scripts.get(name) ?? load(name);
    const [key = ''] = keys;
    try {
      return await nodes.on(key, (server) => server.evalsha(hash, keys.length, ...keys, ...args));
    } catch (error) {
      if (!(error instanceof LogError) || !error.message.startsWith('NOSCRIPT')) throw error;
      return nodes.on(key, (server) => server.eval(text, keys.length, ...keys, ...args));
    }
  };
}

/** Two levels up is the package, both from `src/redis` and from `dist/redis`. */
function load(name: ScriptName): { text: string; hash: string } {
  const file = name === 'appendNew' ? 'append' : name;
  const body = readFileSync(new URL(`../../src/redis/lua/${file}.lua`, import.meta.url), 'utf8');
  const text = `${flags[name]}\n${body}`;
  return { text, hash: createHash('sha1').update(text).digest('hex') };
}
