/** The command line of `npm start`. */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { isLoopback } from './ports.mjs';
import { UserError } from './say.mjs';

/**
 * @typedef {object} StartOptions
 * @property {boolean} help
 * @property {readonly string[]} kms addresses of real Kurento servers; empty: embedded media servers
 * @property {string} host where the gateways listen
 * @property {string} publicHost what their addresses for a browser name
 * @property {readonly string[]} addresses of all gateways for a browser, as GATEWAYS has them; empty: made of the above
 * @property {number} port of the first gateway; the others follow
 * @property {string} dataDir absolute
 * @property {number} gateways
 * @property {number} workers with one embedded media server each, unless `kms` is given
 * @property {number} orchestrators
 * @property {'open' | 'jwt'} auth
 */

export const startHelp = `npm start -- [options]: runs a small Switchboard cluster on this machine

  --kms URL,URL       use these Kurento servers (ws://host:8888/kurento) instead of embedded ones, one worker each
  --host ADDRESS      listen on this address instead of loopback only; needs AUTH=jwt
  --port N            port of the first gateway (8443); the next one follows
  --gateways N        number of gateways (2)
  --workers N         number of media workers, each with an embedded media server (2)
  --orchestrators N   number of orchestrators (2)
  --data-dir FOLDER   where Redis' data, the certificate and the logs are kept (.data)
  --help              this text

Environment: REDIS_URL, NAMESPACE, LOG_LEVEL, AUTH (open or jwt), TLS_CERT_FILE and TLS_KEY_FILE, GATEWAYS (their
addresses for a browser, where those differ from --host), and the services' own settings (RING_MS, JWT_SECRET, …)`;

const spec = /** @type {const} */ ({
  kms: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  gateways: { type: 'string' },
  workers: { type: 'string' },
  orchestrators: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', default: false },
});

/**
 * @param {readonly string[]} argv
 * @param {{ env: NodeJS.ProcessEnv, root: string }} surroundings
 * @returns {StartOptions} @throws UserError that lists every fault
 */
export function readOptions(argv, { env, root }) {
  const values = parse(argv);
  /** @type {string[]} */
  const faults = [];
  const host = values.host ?? 'localhost';
  const kms = list('--kms', values.kms, { protocol: /^wss?:$/, example: 'ws://host:8888/kurento' }, faults);
  const web = { protocol: /^https?:$/, example: 'https://host:8443' };
  const addresses = list('GATEWAYS', env['GATEWAYS'] || undefined, web, faults);
  const options = {
    help: values.help,
    kms,
    host,
    publicHost: publicHostOf(host),
    addresses,
    port: number('--port', values.port, { min: 1, max: 65_000, usual: 8443 }, faults),
    dataDir: values['data-dir'] === undefined ? join(root, '.data') : resolve(values['data-dir']),
    gateways: number('--gateways', values.gateways, { min: 1, max: 16, usual: 2 }, faults),
    workers: kms.length || number('--workers', values.workers, { min: 1, max: 16, usual: 2 }, faults),
    orchestrators: number('--orchestrators', values.orchestrators, { min: 1, max: 16, usual: 2 }, faults),
    auth: /** @type {'open' | 'jwt'} */ (env['AUTH'] || 'open'),
  };
  if (kms.length > 0 && values.workers !== undefined) faults.push('--workers and --kms exclude each other.');
  if (!['open', 'jwt'].includes(options.auth)) faults.push(`AUTH is "${options.auth}"; it must be open or jwt.`);
  else if (!isLoopback(host) && options.auth !== 'jwt') faults.push(openToAll(host));
  if (faults.length > 0 && !options.help) throw new UserError(faults.join('\n'));
  return options;
}

/** @param {readonly string[]} argv */
function parse(argv) {
  try {
    return parseArgs({ args: [...argv], options: spec, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new UserError(`${text.split('. ')[0]?.replace(/\.$/, '')}. \`npm start -- --help\` lists the options.`);
  }
}

/** @param {string} host */
function openToAll(host) {
  return `--host ${host} makes Switchboard reachable from other machines, and AUTH=open lets anyone in under any name: set AUTH=jwt.`;
}

/**
 * @param {string} name @param {string | undefined} text
 * @param {{ min: number, max: number, usual: number }} range @param {string[]} faults
 */
function number(name, text, { min, max, usual }, faults) {
  if (text === undefined) return usual;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    faults.push(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
  return value;
}

/**
 * @param {string} name @param {string | undefined} text addresses between commas
 * @param {{ protocol: RegExp, example: string }} kind @param {string[]} faults
 * @returns {string[]}
 */
function list(name, text, { protocol, example }, faults) {
  if (text === undefined) return [];
  const urls = text.split(',').map((url) => url.trim());
  for (const url of urls) {
    if (!URL.canParse(url) || !protocol.test(new URL(url).protocol)) {
      faults.push(`${name}: "${url}" is not an address like ${example}.`);
    }
  }
  return urls;
}

/** @param {string} host */
function publicHostOf(host) {
  if (isLoopback(host)) return 'localhost';
  return ['0.0.0.0', '::', '[::]'].includes(host) ? hostname() : host;
}
