/**
 * The configuration of a process: a flat zod object whose keys are the names of environment variables.
 * `PORT` is also the flag `--port`; a flag wins over the environment, and `X_FILE` names a file that holds the secret X.
 *
 * Invariant: a process either starts with a config that passed its schema, or refuses with every fault listed at once.
 */
import { z } from 'zod';

import { ConfigError, type ConfigFault } from './config-error.ts';
import { type ConfigSource, readValues, type Values } from './config-source.ts';
import { metaOf } from './config-meta.ts';

/**
 * Reads and checks the configuration.
 * @throws ConfigError with all faults: missing and wrong values, unknown flags, unreadable secret files.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, source: ConfigSource): z.output<S> {
  const { values, faults } = readValues(schema, source);
  const checked = check(schema, values, new Set(faults.map((fault) => fault.name)));
  if ('config' in checked && faults.length === 0) return checked.config;
  throw new ConfigError([...faults, ...('faults' in checked ? checked.faults : [])]);
}

/** Like `loadConfig` for two schemas that share one command line: the service's own and the one of every service. */
export function loadBoth<A extends z.ZodObject, B extends z.ZodObject>(
  first: A,
  second: B,
  source: ConfigSource,
): z.output<A> & z.output<B> {
  const { values, faults } = readValues(z.object({ ...first.shape, ...second.shape }), source);
  const known = new Set(faults.map((fault) => fault.name));
  const checked = [check(first, values, known), check(second, values, known)] as const;
  const all = [...faults, ...checked.flatMap((one) => ('faults' in one ? one.faults : []))];
  const [one, two] = checked;
  if ('config' in one && 'config' in two && all.length === 0) return { ...one.config, ...two.config };
  throw new ConfigError(all);
}

type Checked<S extends z.ZodObject> = { config: z.output<S> } | { faults: ConfigFault[] };

/** `known`: names whose fault is reported already; a second one about the same value would only confuse. */
function check<S extends z.ZodObject>(schema: S, values: Values, known: ReadonlySet<string>): Checked<S> {
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => name in schema.shape));
  const result = schema.safeParse(own);
  if (result.success) return { config: result.data };
  const issues = result.error.issues.filter((issue) => !known.has(String(issue.path[0])));
  return { faults: issues.map((issue) => faultOf(schema, values, issue)) };
}

function faultOf(schema: z.ZodObject, values: Values, issue: z.core.$ZodIssue): ConfigFault {
  const name = issue.path.length > 0 ? String(issue.path[0]) : 'configuration';
  const { example, secret } = metaOf(schema.shape[name]);
  const value = values[name];
  const problem =
    value === undefined && issue.code === 'invalid_type'
      ? 'is missing'
      : `${issue.message}${value === undefined || secret ? '' : ` (got ${JSON.stringify(value)})`}`;
  return { name, problem, ...(example === undefined ? {} : { example }) };
}
