/** Where media is sent and received: addresses, ports, STUN and TURN. */
import { networkInterfaces } from 'node:os';
import type { RtcConfig } from 'node-datachannel';
import type { DtlsCertificate } from './certificate.ts';

export interface IceOptions {
  /** UDP binds to this address alone; null for all of the machine's own. */
  readonly bindAddress: string | null;
  readonly portRange: { readonly first: number; readonly last: number } | null;
  /** As libdatachannel writes them: `stun:host:port`, `turn:user:password@host:port`. */
  readonly servers: readonly string[];
}

const LOOPBACK = '127.0.0.1';

/** libdatachannel skips loopback addresses by itself: a machine that has no other must be told to bind to it. */
export function rtcConfig(options: IceOptions, certificate: DtlsCertificate): RtcConfig {
  const address = options.bindAddress ?? (hasOnlyLoopback() ? LOOPBACK : null);
  return {
    iceServers: [...options.servers],
    disableAutoNegotiation: true,
    ...certificate,
    ...(address === null ? {} : { bindAddress: address }),
    ...(options.portRange === null
      ? {}
      : { portRangeBegin: options.portRange.first, portRangeEnd: options.portRange.last }),
  };
}

function hasOnlyLoopback(): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return !addresses.some(({ internal, address }) => !internal && !address.startsWith('fe80:'));
}
