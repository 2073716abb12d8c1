/**
 * A person in calls whose socket comes and goes as the SDK's does: told to move, it goes on elsewhere while the old socket still
 * serves; a socket that breaks is followed by another one, nearly at once. Its media is counted packet by packet.
 */
import { eventually, SyntheticUser, type Cluster, type Frame } from '@switchboard/testkit';

const FIRST_TRY_MS = 250;

export interface Move {
  readonly from: number;
  readonly why: 'told' | 'broken';
  /** From the moment at which it was to go until it was logged in elsewhere. */
  readonly tookMs: number;
}

export class Follower {
  readonly user: SyntheticUser;
  readonly moves: Move[] = [];
  /** Everything that it heard, on all its sockets. */
  readonly heard: Frame[] = [];
  readonly #cluster: Cluster;
  #at: number;
  #left = false;

  private constructor(cluster: Cluster, user: SyntheticUser, at: number) {
    this.#cluster = cluster;
    this.user = user;
    this.#at = at;
    this.#follow();
  }

  static async join(cluster: Cluster, name: string, at: number): Promise<Follower> {
    const options = { native: true, videoPps: 30, audioPps: 20 };
    return new Follower(cluster, await SyntheticUser.join(cluster.socket(at), name, options), at);
  }

  /** The gateway where it is. */
  get at(): number {
    return this.#at;
  }

  /** What it heard of this type. */
  of(type: string): Frame[] {
    return this.heard.filter((frame) => frame.type === type);
  }

  get lostPackets(): number {
    const { video, audio } = this.user.stats();
    return video.lost + audio.lost;
  }

  async leave(): Promise<void> {
    this.#left = true;
    await this.user.leave();
  }

  #follow(): void {
    const { socket } = this.user;
    const at = this.#at;
    let told = false;
    socket.onFrame((frame) => {
      this.heard.push(frame);
      if (frame.type !== 'reconnect') return;
      told = true;
      setTimeout(() => void this.#move(at, 'told'), Number(frame['afterMs']));
    });
    void socket.closed(10 * 60_000).then(() => {
      if (told || this.#left || this.user.socket !== socket) return;
      setTimeout(() => void this.#move(at, 'broken'), Math.random() * FIRST_TRY_MS);
    });
  }

  async #move(from: number, why: Move['why']): Promise<void> {
    if (this.#left) return;
    const started = performance.now();
    const to = 1 - from;
    await eventually('another gateway takes it', () => this.user.resume(this.#cluster.socket(to)), 15_000);
    this.heard.push(...this.user.socket.frames);
    this.#at = to;
    this.#follow();
    this.moves.push({ from, why, tookMs: performance.now() - started });
  }
}

/** A call between two of them, with media both ways. @returns its callID */
export async function connect(caller: Follower, callee: Follower): Promise<unknown> {
  await caller.user.call(callee.user.userID);
  const { callID } = await callee.user.socket.next('incomingCall');
  callee.user.socket.send({ type: 'ringing', callID });
  await callee.user.accept(caller.user.userID, callID);
  await Promise.all([caller.user.talk(), callee.user.talk()]);
  for (const each of [caller, callee]) {
    await eventually('the call is connected', () =>
      each.of('callProgress').some((frame) => frame['callID'] === callID && frame['phase'] === 'connected'),
    );
  }
  return callID;
}
