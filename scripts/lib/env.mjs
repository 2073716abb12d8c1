/**
 * What of a person's environment a process gets. Names are allowed, not forbidden: what nobody thought of, a secret
 * say, reaches nobody.
 */

/** What a program needs to run at all, and nothing that tells it what to do. */
const everyone = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ', 'LANG', 'LANGUAGE', 'LC_*'],
  ...['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'LD_LIBRARY_PATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  // Not `NODE_*`: NODE_AUTH_TOKEN is a secret of npm's.
  ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY', 'NODE_NO_WARNINGS', 'NODE_DEBUG'],
];

/**
 * @param {NodeJS.ProcessEnv} env the person's
 * @param {readonly string[]} [names] what this process knows beside; a `*` at the end stands for any rest
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(env, names = []) {
  const allowed = [...everyone, ...names];
  return Object.fromEntries(Object.entries(env).filter(([name]) => allowed.some((pattern) => fits(name, pattern))));
}

/** @param {string} name @param {string} pattern */
function fits(name, pattern) {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
