/**
 * Which pages may connect. Nothing here is a login: tokens do not travel by themselves, so this only keeps a foreign page
 * from using a gateway that takes anyone, and spares the others the attempt.
 */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '@switchboard/service-kit';
import type { GatewayConfig } from '../config.ts';

export interface OriginRules {
  /** Origins of all gateways, and of whoever else is let in. */
  readonly allowed: readonly string[];
  /** With `AUTH=open`: any page that was served from this machine. */
  readonly anyLoopback: boolean;
}

/** No Origin header: not a browser, so no page to be wary of. */
export function allowsOrigin({ allowed, anyLoopback }: OriginRules, request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (allowed.includes(url.origin)) return true;
  if (isLoopback(url.hostname)) return anyLoopback || url.host === host;
  // A name that only points at this machine (DNS rebinding) is not our own: behind `open` there is no token to stop it.
  return !anyLoopback && url.host === host;
}

export function originRules(config: Pick<GatewayConfig, 'GATEWAYS' | 'ALLOWED_ORIGINS' | 'AUTH'>): OriginRules {
  return { allowed: [...config.GATEWAYS, ...config.ALLOWED_ORIGINS], anyLoopback: config.AUTH === 'open' };
}
