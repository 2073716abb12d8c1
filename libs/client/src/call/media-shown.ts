/** What a party shows, what is assumed of it unless it says otherwise, and what the server was told of it. */
import type { MediaKind } from '@switchboard/protocol';
import type { MediaShown } from '../call-api.ts';

export const shownAtFirst = (media: MediaKind): MediaShown => ({
  audio: true,
  video: media === 'video',
  screen: false,
});

export const isSame = (one: MediaShown, other: MediaShown): boolean =>
  one.audio === other.audio && one.video === other.video && one.screen === other.screen;

/**
 * The server assumes the default until it is told of something else. What was told may be lost with the socket: then
 * everything that may differ is told again.
 */
export class MediaReport {
  /** Undefined: nobody knows what the server believes. */
  #believed: MediaShown | undefined;
  #strayed: boolean;

  /** Of a call that outlived a reload nobody knows what the page before had told. */
  constructor(media: MediaKind, { restored }: { restored: boolean }) {
    this.#believed = restored ? undefined : shownAtFirst(media);
    this.#strayed = restored;
  }

  /** True if the server is to be told. */
  isNews(shown: MediaShown): boolean {
    if (this.#believed && isSame(this.#believed, shown)) return false;
    this.#believed = shown;
    this.#strayed = true;
    return true;
  }

  mayBeLost(): void {
    if (this.#strayed) this.#believed = undefined;
  }
}
