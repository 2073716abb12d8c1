/** A person with a browser: Chromium with a camera and a microphone of his own, driven through the page's `data-test` marks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { fakeDevices, type Colour } from './fake-camera.ts';

export interface PersonOptions {
  readonly colour: Colour;
  readonly hz: number;
  /** Without: the browser has no camera (microphone). */
  readonly camera?: boolean;
  readonly microphone?: boolean;
}

const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** The Chromium that `npm test` found. Its sandbox refuses to work for root. Playwright takes a second to load: only who needs it does. */
export async function launchChromium(args: readonly string[]): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...args],
  });
}

export class Person {
  readonly browser: Browser;
  readonly #dir: string;

  private constructor(browser: Browser, dir: string) {
    this.browser = browser;
    this.#dir = dir;
  }

  static async open({ colour, hz, camera = true, microphone = true }: PersonOptions): Promise<Person> {
    const dir = await mkdtemp(join(tmpdir(), 'switchboard-person-'));
    const { video, audio } = await fakeDevices(dir, colour, hz);
    const fake = `--use-fake-device-for-media-stream${camera ? '' : '=device-count=0'}`;
    const devices = camera || microphone ? [fake, '--use-fake-ui-for-media-stream'] : [];
    const sound = `--use-file-for-fake-audio-capture=${audio}`;
    const files = camera ? [`--use-file-for-fake-video-capture=${video}`, sound] : [sound];
    const browser = await launchChromium([
      ...QUIET,
      ...devices,
      ...files,
      '--autoplay-policy=no-user-gesture-required',
    ]);
    return new Person(browser, dir);
  }

  /** A new page of the phone, logged in as `name`. */
  async phone(url: string, name: string): Promise<Phone> {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true,
      locale: 'en-US',
      viewport: { width: 1100, height: 800 },
    });
    const page = await context.newPage();
    const phone = new Phone(page);
    await page.goto(`${url}/?debug&user=${encodeURIComponent(name)}`);
    await page.waitForSelector('[data-test=own-name]');
    return phone;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** What the big picture shows: its mean chroma, and a number that changes when the picture does. */
export interface Picture {
  readonly frames: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly print: number;
}

export class Phone {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async call(callee: string): Promise<void> {
    await this.page.fill('[data-test=callee]', callee);
    await this.page.click('[data-test=call-button]');
  }

  async callWithSound(callee: string): Promise<void> {
    await this.page.fill('[data-test=callee]', callee);
    await this.page.click('[data-test=call-audio]');
  }

  /** As the browser's button does; the page logs in again by itself. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.waitForSelector('[data-test=own-name]');
  }

  /** Ends what runs and says goodbye: the user is offline at once. */
  async leave(): Promise<void> {
    const logOut = this.page.locator('[data-test=log-out]');
    if (!this.page.isClosed() && (await logOut.isVisible())) await logOut.click();
    await this.page.context().close();
  }

  async accept(): Promise<void> {
    await this.page.click('[data-test=accept]');
  }

  async decline(): Promise<void> {
    await this.page.click('[data-test=decline]');
  }

  async hangUp(): Promise<void> {
    await this.page.click('[data-test=hang-up]');
  }

  status(): Promise<string> {
    return this.page.innerText('[data-test=status]');
  }

  /** Waits until the status line matches. */
  async says(words: RegExp, withinMs = 15_000): Promise<void> {
    await this.page.waitForFunction(
      ([source, flags]) =>
        new RegExp(source ?? '', flags).test(document.querySelector('[data-test=status]')?.textContent ?? ''),
      [words.source, words.flags],
      { timeout: withinMs },
    );
  }

  /** How long the other's sound and picture have been playing, s. A <video> element that waits for a picture plays no sound either. */
  playedFor(): Promise<number> {
    return this.page.evaluate(
      () => document.querySelector<HTMLVideoElement>('[data-test=remote-video]')?.currentTime ?? 0,
    );
  }

  picture(): Promise<Picture> {
    return this.page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-test=remote-video]');
      const canvas = document.createElement('canvas');
      canvas.width = 64;
      canvas.height = 48;
      const context = canvas.getContext('2d');
      if (!video || !context) return { frames: 0, red: 0, green: 0, blue: 0, print: 0 };
      context.drawImage(video, 0, 0, 64, 48);
      const { data } = context.getImageData(0, 0, 64, 48);
      const sum = { red: 0, green: 0, blue: 0, print: 0 };
      for (let at = 0; at < data.length; at += 4) {
        sum.red += data[at] ?? 0;
        sum.green += data[at + 1] ?? 0;
        sum.blue += data[at + 2] ?? 0;
        const light = (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
        sum.print = (sum.print * 31 + Math.round(light / 48)) % 1_000_000_007;
      }
      return { frames: video.getVideoPlaybackQuality().totalVideoFrames, ...sum };
    });
  }
}
