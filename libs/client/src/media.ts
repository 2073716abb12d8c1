/** Camera, microphone and screen. A call begins with whatever of the first two is there. */
import type { MediaKind } from '@switchboard/protocol';
import type { Deps } from './deps.ts';
import { SwitchboardError } from './errors.ts';

export type GetMedia = (kind: MediaKind) => Promise<MediaStream>;

/** What a call opens; every failure is a SwitchboardError, `media_denied` or `no_media_devices`. */
export interface Devices {
  media(kind: MediaKind): Promise<MediaStream>;
  camera(): Promise<MediaStreamTrack>;
  screen(): Promise<MediaStreamTrack>;
}

const picture: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 480 } };
const sound: MediaStreamConstraints = { audio: true };

/** With no camera the call goes on with sound alone, with no microphone with the picture alone. */
const ATTEMPTS: Record<MediaKind, MediaStreamConstraints[]> = {
  video: [{ audio: true, video: picture }, sound, { video: picture }],
  audio: [sound],
};

/** `getMedia`: the page's own way, which may choose a certain camera; then a camera alone is opened by it too. */
export function devicesOf(deps: Pick<Deps, 'getUserMedia' | 'getDisplayMedia'>, getMedia?: GetMedia): Devices {
  const camera = () => (getMedia ? getMedia('video') : deps.getUserMedia({ video: picture }));
  return {
    media: (kind) => named(() => (getMedia ? getMedia(kind) : firstThatWorks(deps, kind))),
    camera: () => named(async () => onlyPicture(await camera())),
    screen: () => named(async () => onlyPicture(await deps.getDisplayMedia({ video: true }))),
  };
}

async function firstThatWorks(deps: Pick<Deps, 'getUserMedia'>, kind: MediaKind): Promise<MediaStream> {
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
}

function onlyPicture(stream: MediaStream): MediaStreamTrack {
  const found = stream.getTracks().find(({ kind }) => kind === 'video');
  for (const track of stream.getTracks()) if (track !== found) track.stop();
  if (!found) throw new DOMException('there is no picture', 'NotFoundError');
  return found;
}

async function named<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    throw mediaError(cause);
  }
}

/** Whatever was thrown, as one of the two things that can be wrong. */
function mediaError(cause: unknown): SwitchboardError {
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
