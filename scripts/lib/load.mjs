/** Runs TypeScript sources, as vitest does: of our own packages the `source`. */
import { join } from 'node:path';
import { runnerImport } from 'vite';

/**
 * @template Module
 * @param {string} root the project's folder
 * @param {string} path of a module, from there
 * @returns {Promise<Module>} what it exports
 */
export async function load(root, path) {
  const resolve = { conditions: ['source'], noExternal: [/^@switchboard\//] };
  const options = { root, logLevel: /** @type {const} */ ('error'), environments: { inline: { resolve } } };
  return /** @type {Module} */ ((await runnerImport(join(root, path), options)).module);
}
