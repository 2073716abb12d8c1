/** What a page says to get a Switchboard. */
import type { Deps } from './deps.ts';
import type { GetMedia } from './media.ts';

export interface SwitchboardOptions {
  /** One gateway, or several to turn to when one is gone: `https://host:8443`, in the order in which to try them. */
  gateways: string | readonly string[];
  userID: string;
  /** For servers with AUTH=jwt. A function is asked anew at every login, so that a token may expire. */
  token?: string | (() => string | Promise<string>);
  /** A name of this device that stays the same over reloads. */
  deviceID?: string;
  /** Opens camera and microphone in the page's own way. The tracks are stopped when the call ends. */
  getMedia?: GetMedia;
  /** For gateways that name none at login. */
  iceServers?: RTCIceServer[];
  /** For tests. */
  deps?: Partial<Deps>;
}
