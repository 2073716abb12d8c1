/** Installs a Debian package without questions and without leaving its service running. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { findProgram, lastLines, run } from './run.mjs';

/** @typedef {import('./context.mjs').Context} Context */

const policyFile = '/usr/sbin/policy-rc.d';
const policyText = '#!/bin/sh\n# Written by Switchboard while it installs a package; safe to delete.\nexit 101\n';
const aptDeadlineMs = 10 * 60_000;
const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];

/** @returns {string} `debian`, `ubuntu`, another name, or '' where there is none to read */
export function distribution() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^ID="?([\w-]+)/m.exec(text)?.[1] ?? '';
  } catch {
    return '';
  }
}

/** @param {Context} context @param {readonly string[]} distributions @returns {boolean} */
export function canUseApt({ env }, distributions) {
  return (
    process.getuid?.() === 0 &&
    distributions.includes(distribution()) &&
    findProgram(['apt-get'], env['PATH']) !== undefined
  );
}

/**
 * @param {Context} context
 * @param {string} name
 * @param {{ service?: string }} [about] `service`: the unit that must not start with the machine either
 * @returns {Promise<string | undefined>} why it failed; undefined when it worked
 */
export async function aptInstall(context, name, { service } = {}) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const isOurs = forbidServices();
  try {
    await run(context, 'apt-get', ['update', '-q'], { deadlineMs: aptDeadlineMs, env });
    const result = await run(context, 'apt-get', ['install', ...options, name], { deadlineMs: aptDeadlineMs, env });
    if (!result.ok) return `apt-get install ${name} ${result.why}:\n${lastLines(result.output, 8)}`;
  } finally {
    if (isOurs) rmSync(policyFile, { force: true });
  }
  if (service !== undefined && findProgram(['systemctl'], context.env['PATH']) !== undefined) {
    await run(context, 'systemctl', ['disable', '--quiet', service], { deadlineMs: 20_000 });
  }
  return undefined;
}

/** Debian's packages ask this file before they start a service. @returns {boolean} whether it is ours to remove */
function forbidServices() {
  if (existsSync(policyFile)) return readFileSync(policyFile, 'utf8') === policyText;
  writeFileSync(policyFile, policyText, { mode: 0o755 });
  return true;
}
