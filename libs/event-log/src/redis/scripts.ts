/** The Lua scripts as typed calls. Each lies in `lua/`, with its keys, arguments and answers in its header. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LogError } from '../errors.ts';
import type { Nodes } from './nodes.ts';

const names = ['append', 'take', 'renew', 'release', 'commit', 'trim', 'beats'] as const;
export type ScriptName = (typeof names)[number];

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
  const text = readFileSync(new URL(`../../src/redis/lua/${name}.lua`, import.meta.url), 'utf8');
  return { text, hash: createHash('sha1').update(text).digest('hex') };
}
