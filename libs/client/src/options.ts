/** What a page says to get a Switchboard. */
import type { Deps } from './deps.ts';
import type { GetMedia } from './media.ts';

/** Where the session is kept over a reload. */
export type SessionStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface SwitchboardOptions {
  /** One gateway, or several to turn to when one is gone: `https://host:8443`, in the order in which to try them. */
  gateways: string | readonly string[];
  userID: string;
  /** For servers with AUTH=jwt. A function is asked anew at every login, so that a token may expire. */
  token?: string | (() => string | Promise<string>);
  /** A name of this device that stays the same over reloads. */
  deviceID?: string;
  /** The page's `sessionStorage` if there is one; null: nothing survives a reload. */
  storage?: SessionStorage | null;
  /** Opens camera and microphone in the page's own way. The tracks are stopped when the call ends. */
  getMedia?: GetMedia;
  /** For gateways that name none at login. */
  iceServers?: RTCIceServer[];
  /** For tests. */
  deps?: Partial<Deps>;
}
