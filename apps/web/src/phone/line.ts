/** One call at a time, shown until the next. */
import type { Call, CallState, MediaShown, PeerState, Switchboard } from '@switchboard/client';
import { shallowRef, type ShallowRef } from 'vue';

export type Lacking = 'noCamera' | 'noMicrophone' | undefined;

/** `shown`: the call as it was when it last changed, and how long it was connected once it is over. */
export type Line =
  | { kind: 'idle' }
  | {
      kind: 'shown';
      call: Call;
      state: CallState;
      local: MediaStream | undefined;
      remote: MediaStream | undefined;
      localMedia: MediaShown;
      peerMedia: MediaShown;
      peerState: PeerState;
      /** What this device had not when the call began. */
      lacking: Lacking;
      talked: { from: number; to?: number } | undefined;
    };
export type ShownLine = Extract<Line, { kind: 'shown' }>;

export interface LineHolder {
  line: ShallowRef<Line>;
  /** `restored`: what it lacks may be what the user had turned off. */
  show(call: Call, board: Switchboard, restored?: 'restored'): void;
  clear(): void;
}

export function isLive(line: Line): line is ShownLine {
  return line.kind === 'shown' && line.state.phase !== 'ended';
}

export function holdLine(): LineHolder {
  const line = shallowRef<Line>({ kind: 'idle' });

  function show(call: Call, board: Switchboard, restored?: 'restored'): void {
    const follower = follow(call, restored === 'restored');
    line.value = follower.look();
    /** A call that another one followed is painted no more. */
    const paint = () => {
      if (line.value.kind === 'shown' && line.value.call === call) line.value = follower.look();
    };
    const names = ['localStream', 'remoteStream', 'localMedia', 'peerMedia', 'peerState', 'phase'] as const;
    for (const name of names) call.on(name, paint);
    call.on('ended', () => {
      const next = board.calls.find((other) => other !== call);
      if (next && line.value.kind === 'shown' && line.value.call === call) show(next, board);
    });
  }

  return { line, show, clear: () => (line.value = { kind: 'idle' }) };
}

/** Reads a call, and keeps what the call itself does not tell later. */
function follow(call: Call, restored: boolean): { look: () => ShownLine } {
  let talked: ShownLine['talked'];
  let lacking: Lacking;
  let begun = restored;

  function look(): ShownLine {
    const { state, localStream: local, remoteStream: remote, localMedia, peerMedia, peerState } = call;
    if (state.phase === 'connected') talked ??= { from: state.since };
    if (state.phase === 'ended' && talked) talked = { to: Date.now(), ...talked };
    if (local) lacking = begun ? stillLacking(lacking, local) : lackOf(local, call.media);
    begun ||= local !== undefined;
    return { kind: 'shown', call, state, local, remote, localMedia, peerMedia, peerState, lacking, talked };
  }
  return { look };
}

function lackOf(stream: MediaStream, media: Call['media']): Lacking {
  if (stream.getAudioTracks().length === 0) return 'noMicrophone';
  return media === 'video' && stream.getVideoTracks().length === 0 ? 'noCamera' : undefined;
}

/** Once it was turned on it is not lacking, also when it is off again. */
function stillLacking(lacking: Lacking, stream: MediaStream): Lacking {
  const found = lacking === 'noCamera' ? stream.getVideoTracks() : stream.getAudioTracks();
  return found.length === 0 ? lacking : undefined;
}
