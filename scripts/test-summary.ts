/** Closes a test run: what was skipped and why, then the counts on a line of their own. */
import { readFileSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: Array<{ name: string; assertionResults: Array<{ status: string; fullName: string }> }>;
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: test-summary REPORT.json');
const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
const left = new Set(['skipped', 'pending', 'todo', 'disabled']);
const skipped = report.testResults.flatMap((result) => result.assertionResults.filter((test) => left.has(test.status)));
for (const test of skipped) console.log(`skipped: ${test.fullName}`);
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped.length} skipped`);
