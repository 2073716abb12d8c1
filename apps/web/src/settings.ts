/** What the gateway says of the cluster (`/config.json`), and what the page's own address asks for. */
import type { IceServer } from '@switchboard/client';
import type { TabLogin } from './memory.ts';

export interface Settings {
  /** Base addresses of all gateways, the one to use first in front. */
  gateways: string[];
  auth: 'open' | 'jwt';
  iceServers: IceServer[];
}

export interface Wishes {
  /** `?user=alice` logs in at once. */
  user: string | undefined;
  /** `?gateway=` an address, a host, a port, or a place in the list, counted from 1. */
  gateway: string | undefined;
  debug: boolean;
}

export function readWishes(search: string): Wishes {
  const query = new URLSearchParams(search);
  return {
    user: query.get('user') || undefined,
    gateway: query.get('gateway') || undefined,
    debug: query.has('debug'),
  };
}

/** Without a `config.json` (a page served by something else) its own origin is the gateway. */
export async function loadSettings(origin: string, wanted: string | undefined): Promise<Settings> {
  const told = await fetch('./config.json', { cache: 'no-store' })
    .then((response): Promise<Partial<Settings>> => (response.ok ? response.json() : Promise.resolve({})))
    .catch((): Partial<Settings> => ({}));
  const gateways = told.gateways?.length ? told.gateways : [origin];
  return {
    gateways: orderGateways(gateways, wanted, origin),
    auth: told.auth ?? 'open',
    iceServers: told.iceServers ?? [],
  };
}

/** The wanted one first, else the one that served the page; only known gateways, since tokens are sent there. */
export function orderGateways(gateways: readonly string[], wanted: string | undefined, origin: string): string[] {
  const first =
    (wanted === undefined ? undefined : gateways.find((gateway, index) => isMeant(gateway, index, wanted))) ??
    gateways.find((gateway) => originOf(gateway) === origin);
  return first === undefined ? [...gateways] : [first, ...gateways.filter((gateway) => gateway !== first)];
}

/** Who logs in without being asked: whoever was logged in before a reload, else whom the address names. */
export function firstLogin(
  kept: TabLogin | undefined,
  wished: string | undefined,
  auth: Settings['auth'],
): TabLogin | undefined {
  if (kept && (auth === 'open' || kept.token)) return kept;
  return wished && auth === 'open' ? { userID: wished, away: false } : undefined;
}

export function originOf(gateway: string): string {
  return new URL(gateway).origin;
}

function isMeant(gateway: string, index: number, wanted: string): boolean {
  const { host, hostname, port, origin } = new URL(gateway);
  return [gateway, origin, host, hostname, port, String(index + 1)].includes(wanted);
}
