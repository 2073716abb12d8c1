/**
 * Moving pictures and tones for Chromium's fake devices, so that a test can tell *whose* picture it sees: one colour and one
 * pitch per person. Files are made here: a Y4M of somebody who sways
 * before a plain colour, and a WAV of a sine.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const WIDTH = 320;
const HEIGHT = 240;
const FPS = 20;
const FRAMES = 40;
const SAMPLE_RATE = 48_000;

/** Colours in YUV (BT.601), far apart in chroma. */
export const COLOURS = {
  red: { y: 82, u: 90, v: 240 },
  green: { y: 145, u: 54, v: 34 },
  blue: { y: 41, u: 240, v: 110 },
} as const;
export type Colour = keyof typeof COLOURS;

/** Paths of the picture (`.y4m`) and the sound (`.wav`) for one person. */
export async function fakeDevices(dir: string, colour: Colour, hz: number): Promise<{ video: string; audio: string }> {
  await mkdir(dir, { recursive: true });
  const video = join(dir, `${colour}.y4m`);
  const audio = join(dir, `${String(hz)}hz.wav`);
  await Promise.all([writeFile(video, y4m(colour)), writeFile(audio, wav(hz))]);
  return { video, audio };
}

function y4m(colour: Colour): Buffer {
  const header = Buffer.from(`YUV4MPEG2 W${String(WIDTH)} H${String(HEIGHT)} F${String(FPS)}:1 Ip A1:1 C420mpeg2\n`);
  const frames = Array.from({ length: FRAMES }, (_, index) => [Buffer.from('FRAME\n'), frame(colour, index)]);
  return Buffer.concat([header, ...frames.flat()]);
}

/** Light and dark of the person, over the plain colour. */
const LIGHT = 225;
const DARK = 25;

function frame(colour: Colour, index: number): Buffer {
  const { y, u, v } = COLOURS[colour];
  const luma = Buffer.alloc(WIDTH * HEIGHT, y);
  const sway = 45 * Math.sin((2 * Math.PI * index) / FRAMES);
  const disc = (disc: { x: number; y: number; rx: number; ry: number; light: number }) => {
    for (let row = Math.max(0, disc.y - disc.ry); row < Math.min(HEIGHT, disc.y + disc.ry); row += 1) {
      const half = disc.rx * Math.sqrt(1 - ((row - disc.y) / disc.ry) ** 2);
      const left = Math.round(disc.x + sway - half);
      luma.fill(disc.light, row * WIDTH + left, row * WIDTH + Math.round(left + 2 * half));
    }
  };
  disc({ x: 160, y: 260, rx: 90, ry: 85, light: LIGHT });
  disc({ x: 160, y: 105, rx: 52, ry: 65, light: LIGHT });
  for (const x of [140, 180]) disc({ x, y: 95, rx: 6, ry: 8, light: DARK });
  disc({ x: 160, y: 135, rx: 20, ry: 6, light: DARK });
  const quarter = (WIDTH / 2) * (HEIGHT / 2);
  return Buffer.concat([luma, Buffer.alloc(quarter, u), Buffer.alloc(quarter, v)]);
}

function wav(hz: number): Buffer {
  const samples = SAMPLE_RATE;
  const data = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1) {
    data.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hz * at) / SAMPLE_RATE)), at * 2);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
