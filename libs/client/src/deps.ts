/** What the library takes from the browser, in one place, so that tests can put something else there. */

/** As much of a WebSocket as is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface Deps {
  openSocket(url: string): Socket;
  openPeer(config: RTCConfiguration): RTCPeerConnection;
  newStream(): MediaStream;
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
  getDisplayMedia(options: DisplayMediaStreamOptions): Promise<MediaStream>;
  /** Undefined if the page must not keep anything. */
  sessionStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /**
   * A lock among the pages of this origin: what lets go of it, or undefined if another page has it. The browser lets go of it
   * too when the page is gone. Where there are no locks, everybody gets it.
   */
  tryLock(name: string): Promise<(() => void) | undefined>;
  /** The page goes away; `persisted`: it may be shown again as it is. What it gives back stops listening. */
  onPageHide(run: (persisted: boolean) => void): () => void;
  /** The browser has a network again. What it gives back stops listening. */
  onNetworkBack(run: () => void): () => void;
  /** Runs something later; what it gives back calls that off. */
  later(delayMs: number, run: () => void): () => void;
  random(): number;
  now(): number;
}

export const browserDeps: Deps = {
  openSocket: (url) => new WebSocket(url) as Socket,
  openPeer: (config) => new RTCPeerConnection(config),
  newStream: () => new MediaStream(),
  getUserMedia: (constraints) => devices().getUserMedia(constraints),
  getDisplayMedia: async (options) => devices().getDisplayMedia(options),
  sessionStorage: () => {
    try {
      return globalThis.sessionStorage;
    } catch {
      return undefined;
    }
  },
  tryLock,
  onPageHide: (run) => {
    const listener = ({ persisted }: PageTransitionEvent) => run(persisted);
    globalThis.addEventListener?.('pagehide', listener);
    return () => globalThis.removeEventListener?.('pagehide', listener);
  },
  onNetworkBack: (run) => {
    globalThis.addEventListener?.('online', run);
    return () => globalThis.removeEventListener?.('online', run);
  },
  later: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  now: () => Date.now(),
};

/** Browsers hide cameras and microphones from pages that are not secure. */
function devices(): MediaDevices {
  const found = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (!found) throw new DOMException('cameras and microphones need https', 'NotFoundError');
  return found;
}

function tryLock(name: string): Promise<(() => void) | undefined> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  const nothing = () => undefined;
  if (!locks) return Promise.resolve(nothing);
  return new Promise((resolve) => {
    const held = (lock: Lock | null) => (lock ? new Promise<void>((release) => resolve(release)) : resolve(undefined));
    // Where locks are forbidden it is as if there were none.
    locks.request(name, { ifAvailable: true }, held).catch(() => resolve(nothing));
  });
}
