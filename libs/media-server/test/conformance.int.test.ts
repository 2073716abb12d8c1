/**
 * Plays every request of the recorded sessions to the running server and compares what comes back, answers and
 * events, with what Kurento Media Server 7.3.1 said. See tests/fixtures/kms-wire/README.md.
 */
import { eventually } from '@switchboard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startMediaServer, type RunningServer } from '../src/index.ts';
import { DEVIATIONS } from './conformance-deviations.ts';
import { IdMap, readRecording, type RecordedFrame } from './recording.ts';
import { answerShape, shapeOf } from './shapes.ts';

interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly data?: unknown };
  readonly params?: { readonly value?: { readonly object: string; readonly type: string; readonly data: unknown } };
}

let server: RunningServer;
/** `where: recorded ≠ ours`, by where. */
const found = new Map<string, string>();
const ids = new IdMap();
let compared = 0;

beforeAll(async () => {
  server = await startMediaServer();
  // In the order in which they were recorded: the second session finds a pipeline that the first one left.
  for (const file of ['wire-raw.jsonl', 'wire.jsonl']) await new Replay(file).run();
}, 60_000);
afterAll(() => server.close());

/** One recording against the server. */
class Replay {
  readonly #file: string;
  readonly #frames: readonly RecordedFrame[];
  readonly #sockets = new Map<number, WebSocket>();
  readonly #closed = new Map<number, number>();
  readonly #answers = new Map<string, Frame>();
  readonly #events = new Set<string>();
  readonly #expected = new Set<string>();

  constructor(file: string) {
    this.#file = file;
    this.#frames = readRecording(file);
  }

  async run(): Promise<void> {
    for (const frame of this.#frames) await this.#step(frame);
    await this.#settleEvents();
    const ours = [...this.#events].filter((event) => !this.#expected.has(event));
    const missing = [...this.#expected].filter((event) => !this.#events.has(event));
    for (const event of missing) this.#note(`event ${event}`, 'recorded', 'not sent');
    for (const event of ours) this.#note(`event ${event}`, 'not recorded', 'sent');
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  async #step({ conn, dir, frame }: RecordedFrame): Promise<void> {
    if (dir === 'open') return this.#open(conn);
    if (dir === 'C close') return void this.#sockets.get(conn)?.close();
    if (dir === 'S close') return this.#closedWith(conn, Number.parseInt(frame, 10));
    if (dir === 'C->S') await this.#request(conn, frame);
    else this.#heard(JSON.parse(frame) as Frame);
  }

  async #open(conn: number): Promise<void> {
    const socket = new WebSocket(server.url);
    this.#sockets.set(conn, socket);
    socket.on('message', (data) => this.#receive(conn, JSON.parse(String(data)) as Frame));
    socket.on('close', (code) => this.#closed.set(conn, code));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  }

  /** That it drops the socket (1006) is compared, not how it answers the client's own close. */
  async #closedWith(conn: number, code: number): Promise<void> {
    await eventually(`close of ${conn}`, () => this.#closed.has(conn), 3000);
    const ours = this.#closed.get(conn);
    if (code === 1006 && ours !== code) this.#note(`close of ${conn}`, `${code}`, `${ours}`);
  }

  #receive(conn: number, frame: Frame): void {
    if (frame.params?.value) this.#events.add(this.#eventShape(frame));
    else this.#answers.set(`${conn}.${frame.id}`, frame);
  }

  async #request(conn: number, text: string): Promise<void> {
    const recorded = this.#recordedAnswer(conn, text);
    if (text.includes('"method":"release"')) await this.#settleEvents();
    this.#sockets.get(conn)?.send(ids.translate(text));
    if (!recorded) return void (await eventually('socket dropped', () => this.#closed.has(conn), 3000));
    const key = `${conn}.${recorded.id}`;
    await eventually(`answer ${this.#file} ${key}`, () => this.#answers.has(key), 3000);
    const ours = this.#answers.get(key) ?? {};
    ids.learn(recorded.result, ours.result);
    compared += 1;
    if (answerShape(recorded) !== answerShape(ours)) this.#note(key, answerShape(recorded), answerShape(ours));
  }

  #recordedAnswer(conn: number, text: string): Frame | undefined {
    const id = /"id":(\d+)/.exec(text)?.[1] ?? 'none';
    const wanted = safeParse(text)?.id ?? Number(id);
    const answers = this.#frames.filter((frame) => frame.conn === conn && frame.dir === 'S->C');
    return answers.map(({ frame }) => JSON.parse(frame) as Frame).find((frame) => !frame.method && frame.id === wanted);
  }

  /** Events are compared once as a set: Kurento sends them from other threads, in no fixed order. */
  #heard(frame: Frame): void {
    if (frame.params?.value) this.#expected.add(this.#eventShape(frame, true));
  }

  async #settleEvents(): Promise<void> {
    const all = () => [...this.#expected].every((event) => this.#events.has(event));
    await eventually('all events', all, 1500).catch(() => undefined);
  }

  #eventShape({ params }: Frame, recorded = false): string {
    const { object = '', type = '', data } = params?.value ?? {};
    const source = recorded ? ids.translate(object) : object;
    return `${type} of #${this.#place(source)} ${JSON.stringify(shapeOf(data))}`;
  }

  readonly #objects: string[] = [];
  #place(object: string): number {
    const place = this.#objects.indexOf(object);
    return place >= 0 ? place : this.#objects.push(object) - 1;
  }

  #note(where: string, recorded: string, ours: string): void {
    found.set(`${this.#file} ${where}`, `recorded ${recorded}, here ${ours}`);
  }
}

function safeParse(text: string): Frame | null {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return null;
  }
}

test('every recorded request was answered and compared', () => {
  expect(compared).toBeGreaterThan(170);
});

test('no deviation from Kurento that is not on the list', () => {
  const listed = new Set(DEVIATIONS.map(({ at }) => at));
  expect([...found].filter(([at]) => !listed.has(at))).toEqual([]);
});

test('no deviation on the list that no longer occurs', () => {
  expect(DEVIATIONS.filter(({ at }) => !found.has(at))).toEqual([]);
});
