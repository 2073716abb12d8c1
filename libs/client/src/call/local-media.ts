/**
 * What this device sends in one call: a microphone, and one picture, which is the screen if one is shared, else the camera.
 *
 *   opening ──start──> open ──close──> closed
 *
 * Invariants: the stream holds exactly the tracks that are sent; changes of the picture happen one after another; one that
 * fails leaves everything as it was; once closed every track is stopped, also those that come too late.
 */
import type { MediaShown } from '../call-api.ts';
import { stopTracks, type Devices } from '../media.ts';
import { isSame } from './media-shown.ts';

export interface LocalMediaEvents {
  onStream(stream: MediaStream): void;
  onShown(shown: MediaShown): void;
  /** Is to be sent in place of what was sent. */
  replacePicture(track: MediaStreamTrack | null): Promise<void>;
}

interface Sources {
  readonly camera?: MediaStreamTrack | undefined;
  readonly screen?: MediaStreamTrack | undefined;
}

type State = { kind: 'opening' } | { kind: 'open'; stream: MediaStream } | { kind: 'closed'; stream?: MediaStream };

export class LocalMedia {
  readonly #devices: Devices;
  readonly #events: LocalMediaEvents;
  #state: State = { kind: 'opening' };
  #opening: Promise<void> | undefined;
  #sources: Sources = {};
  #shown: MediaShown;
  #last: Promise<void> = Promise.resolve();

  /** `begin`: what it opens with. A screen has to be chosen by the user again. */
  constructor(devices: Devices, { audio, video }: MediaShown, events: LocalMediaEvents) {
    this.#devices = devices;
    this.#events = events;
    this.#shown = { audio, video, screen: false };
  }

  get stream(): MediaStream | undefined {
    return this.#state.kind === 'opening' ? undefined : this.#state.stream;
  }
  get shown(): MediaShown {
    return this.#shown;
  }
  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  /** Opens the devices once, however often it is asked. */
  open(): Promise<void> {
    return (this.#opening ??= this.#start());
  }

  setMicrophone(on: boolean): void {
    if (this.#state.kind !== 'open') return;
    for (const track of this.#tracks('audio')) track.enabled = on;
    this.#tell();
  }

  setCamera(on: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.isOpen || on === (this.#sources.camera !== undefined)) return;
      await this.#use({ ...this.#sources, camera: on ? await this.#devices.camera() : undefined });
    });
  }

  shareScreen(on: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.isOpen || on === (this.#sources.screen !== undefined)) return;
      await this.#use({ ...this.#sources, screen: on ? await this.#devices.screen() : undefined });
    });
  }

  close(): void {
    const { stream } = this;
    this.#state = { kind: 'closed', ...(stream && { stream }) };
    stopTracks(stream);
    stopAll(this.#sources, {});
  }

  async #start(): Promise<void> {
    const { audio, video } = this.#shown;
    const stream = await this.#devices.media(video ? 'video' : 'audio');
    if (this.#isClosed()) return stopTracks(stream);
    this.#state = { kind: 'open', stream };
    const camera = this.#tracks('video')[0];
    this.#sources = camera ? { camera } : {};
    this.#watchEnds();
    for (const track of this.#tracks('audio')) {
      track.enabled = audio;
      track.onended = () => this.#tell();
    }
    this.#events.onStream(stream);
    this.#tell();
  }

  async #use(next: Sources): Promise<void> {
    const before = this.#sources;
    const [old, picture] = [pictureOf(before), pictureOf(next)];
    if (this.#isClosed()) return stopAll(next, before);
    this.#sources = next;
    try {
      if (picture !== old) await this.#events.replacePicture(picture ?? null);
    } catch (error) {
      this.#sources = before;
      stopAll(next, before);
      throw error;
    }
    stopAll(before, next);
    if (this.#state.kind !== 'open') return;
    this.#watchEnds();
    this.#swap(this.#state.stream, old, picture);
    this.#tell();
  }

  #swap(stream: MediaStream, old: MediaStreamTrack | undefined, picture: MediaStreamTrack | undefined): void {
    if (old === picture) return;
    if (old) stream.removeTrack(old);
    if (picture) stream.addTrack(picture);
    this.#events.onStream(stream);
  }

  /** The user ends the sharing in the browser's own bar, or pulls the camera's plug. */
  #watchEnds(): void {
    const { camera, screen } = this.#sources;
    const drop = (gone: 'camera' | 'screen') => () =>
      void this.#inTurn(() => this.#use({ ...this.#sources, [gone]: undefined })).catch(() => undefined);
    if (camera) camera.onended = drop('camera');
    if (screen) screen.onended = drop('screen');
  }

  #tell(): void {
    const { camera, screen } = this.#sources;
    const audio = this.#tracks('audio').some(({ enabled, readyState }) => enabled && readyState === 'live');
    const shown: MediaShown = { audio, video: camera !== undefined, screen: screen !== undefined };
    if (isSame(shown, this.#shown)) return;
    this.#shown = shown;
    this.#events.onShown(shown);
  }

  #tracks(kind: 'audio' | 'video'): MediaStreamTrack[] {
    return this.stream?.getTracks().filter((track) => track.kind === kind) ?? [];
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }
}

const pictureOf = ({ camera, screen }: Sources): MediaStreamTrack | undefined => screen ?? camera;

/** Stops what is in use no more, and listens to it no longer. */
function stopAll(sources: Sources, kept: Sources): void {
  for (const track of [sources.camera, sources.screen]) {
    if (!track || track === kept.camera || track === kept.screen) continue;
    track.onended = null;
    track.stop();
  }
}
