/** Finds or installs a Chromium for the tests. */
import { readFileSync, realpathSync } from 'node:fs';

import { aptInstall, canUseApt } from './apt.mjs';
import { findProgram, lastLines, run } from './run.mjs';
import { UserError } from './say.mjs';

/** @typedef {import('./context.mjs').Context} Context */

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @param {Context} context @returns {Promise<string>} the path of a browser that starts */
export async function findChromium(context) {
  const present = await presentChromium(context);
  if (present !== undefined) return present;
  /** @type {string[]} */
  const faults = [];
  // Ubuntu's package is a stub for a snap, which can't be driven from here: Playwright's download there.
  if (canUseApt(context, ['debian'])) {
    context.say.step('Installing Chromium with apt-get (package chromium)');
    const fault = await aptInstall(context, 'chromium');
    const installed = await presentChromium(context);
    if (installed !== undefined) return installed;
    if (fault !== undefined) faults.push(fault);
  }
  const downloaded = await download(context, faults);
  if (downloaded !== undefined) return downloaded;
  throw new UserError(
    ['No Chromium was found. Install chromium or google-chrome so that it is on the PATH.', ...faults].join('\n'),
  );
}

/** @param {Context} context @returns {Promise<string | undefined>} */
async function presentChromium(context) {
  const { CHROMIUM_PATH, PATH } = context.env;
  for (const path of [CHROMIUM_PATH, ...programs.map((name) => findProgram([name], PATH)), macChrome]) {
    if (path && !isSnap(path) && (await starts(context, path))) return path;
  }
  return undefined;
}

/** @param {Context} context @param {string} path */
async function starts(context, path) {
  const { ok, output } = await run(context, path, ['--version'], { deadlineMs: 20_000 });
  return ok && /chrom/i.test(output);
}

/** @param {string} path */
function isSnap(path) {
  try {
    const real = realpathSync(path);
    return real.includes('/snap') || readFileSync(real).subarray(0, 2_000).includes('/snap/');
  } catch {
    return false;
  }
}

/** @param {Context} context @param {string[]} faults @returns {Promise<string | undefined>} */
async function download(context, faults) {
  context.say.step('Downloading Chromium (Playwright)');
  const cli = 'node_modules/playwright-core/cli.js';
  const result = await run(context, process.execPath, [cli, 'install', 'chromium'], { deadlineMs: 10 * 60_000 });
  if (!result.ok) faults.push(`Playwright's download ${result.why}:\n${lastLines(result.output, 5)}`);
  const { chromium } = await import('playwright-core');
  const path = chromium.executablePath();
  return path && (await starts(context, path)) ? path : undefined;
}
