/** A call as a page sees it. */
import type { MediaKind } from '@switchboard/protocol';
import type { CallState, Direction, EndedState } from './call-state.ts';

export interface CallEvents {
  /** Each new state, `ended` included. */
  phase: CallState;
  localStream: MediaStream;
  /** Once per track; the stream stays the same. */
  remoteStream: MediaStream;
  ended: EndedState;
}

/** What a page holds of a call. */
export interface Call {
  readonly direction: Direction;
  readonly peerID: string;
  readonly media: MediaKind;
  /** The server's; undefined until it answered. */
  readonly callID: string | undefined;
  readonly state: CallState;
  readonly localStream: MediaStream | undefined;
  readonly remoteStream: MediaStream | undefined;
  on<Name extends keyof CallEvents>(name: Name, listener: (value: CallEvents[Name]) => void): () => void;
  /** Takes an incoming call; does nothing in any other phase. */
  accept(): void;
  /** Refuses an incoming call; does nothing in any other phase. */
  decline(): void;
  /** Declines, cancels or hangs up, whichever it is now. */
  hangUp(): void;
  getStats(): Promise<RTCStatsReport | undefined>;
}
