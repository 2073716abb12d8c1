/** What a call needs of the Switchboard that it belongs to. */
import type { Deps } from '../deps.ts';
import type { SwitchboardError } from '../errors.ts';
import type { Devices } from '../media.ts';
import type { ClientMessageInput } from '../wire.ts';

/**
 * Whose word the end was: the server knows of it (`there`), or may have to be told again (`here`); `lost`: a call that the
 * server may offer anew.
 */
export type EndKnown = 'there' | 'here' | 'lost';

export interface CallHost {
  readonly userID: string;
  readonly deps: Deps;
  readonly devices: Devices;
  isOnline(): boolean;
  iceServers(): RTCIceServer[];
  /** A name that no other offer of this session has, also not one before a reload. */
  nextLegID(): string;
  send(message: ClientMessageInput): void;
  onError(error: SwitchboardError): void;
}
