/** Whether a Redis can keep what the log promises, by what its `INFO` says. What it does not say is taken for right. */

/** The scripts' flags are Redis 7's (Valkey says the version of Redis that it is compatible with). */
const oldest = 7;

/** Undefined: it can; else why it cannot, for whoever set it up. */
export function unfitness(info: string): string | undefined {
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? String(oldest);
  if (Number.parseInt(version, 10) < oldest)
    return `Redis ${version} is too old: ${String(oldest)}.0 or later is needed`;
  const policy = field('maxmemory_policy') ?? 'noeviction';
  if (Number(field('maxmemory') ?? 0) > 0 && policy !== 'noeviction') {
    return `Redis has maxmemory-policy ${policy}, which throws calls away without a word: it must be noeviction`;
  }
  return undefined;
}
