/**
 * Values that must never reach a log, a trace or an error text as a whole.
 *
 * Invariant: the value leaves the wrapper through `reveal()` only. Every implicit way out (string concatenation,
 * JSON, `util.inspect`, enumeration) gives the redacted form.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { inspect } from 'node:util';

abstract class Redacted {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** What may be shown in place of the value. */
  abstract redacted(): string;

  /** The value itself. Each call is a place for a reviewer to look at. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.redacted();
  }

  toJSON(): string {
    return this.redacted();
  }

  [inspect.custom](): string {
    return this.redacted();
  }
}

/** A password, a token, a signing key. */
export class Secret extends Redacted {
  override redacted(): string {
    return '[secret]';
  }
}

/** A session description: it holds addresses, ICE passwords and fingerprints. Shown by its length in bytes only. */
export class Sdp extends Redacted {
  override redacted(): string {
    return `[sdp, ${Buffer.byteLength(this.reveal())} bytes]`;
  }
}

/** An IP address of a person's device. Shown by family and reach, e.g. `[ipv4 private]`. */
export class IpAddress extends Redacted {
  override redacted(): string {
    return describeAddress(this.reveal());
  }
}

function describeAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return describeAddress(mapped);
  if (isIPv4(address)) return `[ipv4 ${reachOfV4(address)}]`;
  if (isIPv6(address)) return `[ipv6 ${reachOfV6(address.toLowerCase())}]`;
  return '[ip address]';
}

function reachOfV4(address: string): string {
  if (address.startsWith('127.')) return 'loopback';
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address)) return 'private';
  if (address.startsWith('169.254.')) return 'link-local';
  return 'public';
}

function reachOfV6(address: string): string {
  if (address === '::1') return 'loopback';
  if (/^f[cd]/.test(address)) return 'private';
  if (/^fe[89ab]/.test(address)) return 'link-local';
  return 'public';
}
