/**
 * Counts a test run from vitest's JSON report. A file that could not be loaded and an error outside
 * any test have no test to their name; they count as failed all the same, and so does a run without
 * a report or without a test.
 * @param {string | null} report
 * @param {number} exitCode vitest's own
 * @returns {{ passed: number, failed: number }}
 */
export function tally(report, exitCode) {
  const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = parse(report);
  const brokenFiles = testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = numFailedTests + brokenFiles;
  const nothingNamed = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: nothingNamed ? 1 : failed };
}

/** @param {string | null} report */
function parse(report) {
  try {
    return JSON.parse(report ?? '{}');
  } catch {
    return {};
  }
}
