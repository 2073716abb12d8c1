/** A call as a page sees it. */
import type { MediaKind } from '@switchboard/protocol';
import type { CallState, Direction, EndedState, Role } from './call/call-state.ts';

/**
 * What a party lets the other see and hear. `video`: the camera is on; while a `screen` is shared it is sent in the camera's
 * place.
 */
export interface MediaShown {
  readonly audio: boolean;
  readonly video: boolean;
  readonly screen: boolean;
}

/** The other party's connection to the service. The talk goes on meanwhile. */
export type PeerState = 'connected' | 'reconnecting';

export interface CallEvents {
  /** Each new state, `ended` included. */
  phase: CallState;
  /** Whenever its tracks change; the stream stays the same. */
  localStream: MediaStream;
  /** Once per track; the stream stays the same until the call gets a new connection to the media server. */
  remoteStream: MediaStream;
  peerState: PeerState;
  peerMedia: MediaShown;
  localMedia: MediaShown;
  ended: EndedState;
}

/** What a page holds of a call. */
export interface Call {
  /** Whether it was placed on this device or came in. */
  readonly direction: Direction;
  /** What `endedBy` calls this device. Two users who call each other are put into one call: then this may differ from `direction`. */
  readonly role: Role;
  readonly peerID: string;
  readonly media: MediaKind;
  /** The server's; undefined until it answered. */
  readonly callID: string | undefined;
  readonly state: CallState;
  readonly peerState: PeerState;
  readonly peerMedia: MediaShown;
  readonly localMedia: MediaShown;
  readonly localStream: MediaStream | undefined;
  readonly remoteStream: MediaStream | undefined;
  /** Gives back what takes the listener away again. */
  on<Name extends keyof CallEvents>(name: Name, listener: (value: CallEvents[Name]) => void): () => void;
  /** Takes an incoming call; does nothing in any other phase. */
  accept(): void;
  /** Refuses an incoming call; does nothing in any other phase. */
  decline(): void;
  /** Declines, cancels or hangs up, whichever it is now. */
  hangUp(): void;
  /** Mutes and unmutes. Like the two below it does nothing before the call has opened its media, or after its end. */
  setMicrophone(on: boolean): void;
  /** Off also turns its light off. On opens the camera if the call has none: an audio call gets a picture so. Rejects with a SwitchboardError. */
  setCamera(on: boolean): Promise<void>;
  /** Sends a screen, which the browser lets the user choose, in place of the camera. Rejects with a SwitchboardError. */
  shareScreen(on: boolean): Promise<void>;
  getStats(): Promise<RTCStatsReport | undefined>;
}
