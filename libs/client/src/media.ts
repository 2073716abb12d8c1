/** Camera and microphone: whatever of the two is there. */
import type { MediaKind } from '@switchboard/protocol';
import type { Deps } from './deps.ts';
import { SwitchboardError } from './errors.ts';

export type GetMedia = (kind: MediaKind) => Promise<MediaStream>;

const picture: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 480 } };
const sound: MediaStreamConstraints = { audio: true };

/** With no camera the call goes on with sound alone, with no microphone with the picture alone. */
const ATTEMPTS: Record<MediaKind, MediaStreamConstraints[]> = {
  video: [{ audio: true, video: picture }, sound, { video: picture }],
  audio: [sound],
};

export function deviceMedia(deps: Pick<Deps, 'getUserMedia'>): GetMedia {
  return async (kind) => {
    let last: unknown;
    for (const constraints of ATTEMPTS[kind]) {
      try {
        return await deps.getUserMedia(constraints);
      } catch (error) {
        if (nameOf(error) === 'NotAllowedError') throw error;
        last = error;
      }
    }
    throw last;
  };
}

/** Whatever `getMedia` threw, as one of the two things that can be wrong. */
export function mediaError(cause: unknown): SwitchboardError {
  if (cause instanceof SwitchboardError) return cause;
  if (['NotAllowedError', 'SecurityError'].includes(nameOf(cause)))
    return new SwitchboardError('media_denied', 'The use of camera and microphone was denied.', { cause });
  return new SwitchboardError('no_media_devices', 'No camera and no microphone can be used.', { cause });
}

export function stopTracks(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}
