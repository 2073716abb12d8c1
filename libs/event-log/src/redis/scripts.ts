/** The Lua scripts as typed calls. Each lies in `lua/`, with its keys, arguments and answers in its header. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

const names = ['append', 'take', 'renew', 'release', 'commit', 'trim'] as const;
export type ScriptName = (typeof names)[number];

/** Calls a script by its name with its keys and arguments; the answer is as Redis gave it. */
export type RunScript = (
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/** Registers the scripts with a connection (sent once per connection, by hash afterwards). */
export function defineScripts(redis: Redis): RunScript {
  for (const name of names) redis.defineCommand(commandName(name), { lua: source(name) });
  return (name, keys, args) => {
    const call = Reflect.get(redis, commandName(name)) as (...args: (string | number)[]) => Promise<unknown>;
    return call.apply(redis, [keys.length, ...keys, ...args]);
  };
}

function commandName(name: ScriptName): string {
  return `switchboard_${name}`;
}

/** Two levels up is the package, both from `src/redis` and from `dist/redis`. */
function source(name: ScriptName): string {
  return readFileSync(new URL(`../../src/redis/lua/${name}.lua`, import.meta.url), 'utf8');
}
