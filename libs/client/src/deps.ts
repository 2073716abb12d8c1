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
