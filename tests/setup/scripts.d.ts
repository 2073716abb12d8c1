/** The parts of `scripts/lib` that these tests use; the scripts carry their own types as JSDoc. */
declare module '*/lib/redis-ways.mjs' {
  export type RedisWay =
    { kind: 'url'; url: string } | { kind: 'program'; path: string } | { kind: 'docker'; path: string };
  export function chooseRedis(facts: {
    url: string | undefined;
    program: string | undefined;
    apt: boolean;
    docker: string | undefined;
  }): RedisWay | { kind: 'apt' } | { kind: 'none' };
}

declare module '*/lib/options.mjs' {
  export interface StartOptions {
    help: boolean;
    kms: readonly string[];
    host: string;
    publicHost: string;
    addresses: readonly string[];
    port: number;
    dataDir: string;
    gateways: number;
    workers: number;
    orchestrators: number;
    auth: 'open' | 'jwt';
  }
  export function readOptions(
    argv: readonly string[],
    surroundings: { env: Record<string, string | undefined>; root: string },
  ): StartOptions;
}

declare module '*/lib/plan.mjs' {
  import type { StartOptions } from '*/lib/options.mjs';
  interface ReadyInfo {
    port?: number;
    url?: string;
  }
  export interface ChildSpec {
    name: string;
    command: string;
    args(ready: ReadonlyMap<string, ReadyInfo>): string[];
    env(ready: ReadonlyMap<string, ReadyInfo>): Record<string, string | undefined>;
    readyDeadlineMs: number;
    stopGraceMs: number;
  }
  export function makePlan(input: {
    root: string;
    options: StartOptions;
    env: Record<string, string | undefined>;
    redis: { url: string; child?: ChildSpec };
    tls: { certFile: string; keyFile: string };
  }): ChildSpec[][];
  export function gatewayUrls(options: StartOptions): readonly string[];
}

declare module '*/lib/env.mjs' {
  export function environmentFor(
    env: Record<string, string | undefined>,
    names?: readonly string[],
  ): Record<string, string>;
}

declare module '*/lib/restart-rule.mjs' {
  export interface Deaths {
    recent: readonly number[];
    inARow: number;
  }
  export const noDeaths: Deaths;
  export function addDeath(before: Deaths, death: { at: number; livedMs: number }): Deaths;
  export function isGivenUp(deaths: Deaths): boolean;
  export function restartDelay(deaths: Deaths, chance: number): number;
}

declare module '*/lib/summary.mjs' {
  export interface Counts {
    passed: number;
    failed: number;
    skipped: number;
  }
  export function countsOf(report: unknown, run: { ok: boolean; mayBeEmpty: boolean }): Counts & { note?: string };
  export function sum(results: readonly Counts[]): Counts;
  export function lastLine(counts: Counts): string;
  export function table(results: readonly (Counts & { tier: string; ms: number; note?: string })[]): string;
}

declare module '*/lib/test-options.mjs' {
  export function readTestOptions(argv: readonly string[]): { tiers: string[]; filters: string[]; help: boolean };
}

declare module '*/lib/tls.mjs' {
  export function ensureCertificate(
    context: { env: Record<string, string | undefined>; say: { step(text: string): void } },
    options: { dataDir: string; names: readonly string[] },
  ): Promise<{ certFile: string; keyFile: string }>;
}

declare module '*/lib/lock.mjs' {
  export function tryLock(file: string): { release: () => void } | { owner: number };
}
