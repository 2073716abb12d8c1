/** Counts of tests, and what stands at the end of `npm test`. Pure. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { tier: string, ms: number, note?: string }} TierResult */

/**
 * What vitest's JSON report says. A file that broke before its first test counts as one failure, and so does a run
 * that failed without a failed test (an error nobody caught) or left no report.
 * @param {unknown} report parsed JSON; undefined when there is none
 * @param {{ ok: boolean, mayBeEmpty: boolean }} run `ok`: exit code 0; `mayBeEmpty`: a filter may fit no test
 * @returns {Counts & { note?: string }}
 */
export function countsOf(report, { ok, mayBeEmpty }) {
  if (!isReport(report)) return { passed: 0, failed: 1, skipped: 0, note: 'left no report' };
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  const failed = report.numFailedTests + report.testResults.filter(isBrokenFile).length;
  const counts = { passed: report.numPassedTests, failed, skipped };
  if (failed === 0 && !ok) return { ...counts, failed: 1, note: 'failed outside of its tests' };
  if (counts.passed + failed + skipped === 0 && !mayBeEmpty) return { ...counts, failed: 1, note: 'holds no test' };
  return counts;
}

/**
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {{ status: string, assertionResults?: { status: string }[] }[]} testResults
 */

/** @param {unknown} report @returns {report is VitestReport} */
function isReport(report) {
  if (typeof report !== 'object' || report === null || !('testResults' in report)) return false;
  const counts = /** @type {Record<string, unknown>} */ (report);
  return (
    Array.isArray(report.testResults) &&
    ['numPassedTests', 'numFailedTests', 'numPendingTests'].every((key) => Number.isInteger(counts[key]))
  );
}

/** @param {VitestReport['testResults'][number]} file */
function isBrokenFile({ status, assertionResults = [] }) {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}

/** @param {readonly Counts[]} results @returns {Counts} */
export function sum(results) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of results) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** The last line. @param {Counts} counts @returns {string} */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {readonly TierResult[]} results @returns {string} */
export function table(results) {
  const rows = results.map(({ tier, passed, failed, skipped, ms, note }) =>
    [tier, passed, failed, skipped, `${(ms / 1000).toFixed(1)} s`, note ?? ''].map(String),
  );
  const all = [['tier', 'passed', 'failed', 'skipped', 'time', ''], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
