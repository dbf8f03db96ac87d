/**
 * Holds the code to the sizes it was written for: file median ≤ 80 lines, p90 ≤ 200, none over 400.
 * (ESLint holds the limits of single functions.)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const limits = { median: 80, p90: 200, max: 400 };
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.test.ts') && !file.startsWith('test/'));
const sizes = files
  .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => a.lines - b.lines);

const at = (quantile: number) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * quantile))]?.lines ?? 0;
const problems = [
  at(0.5) > limits.median ? `median ${at(0.5)} lines, the limit is ${limits.median}` : '',
  at(0.9) > limits.p90 ? `90th percentile ${at(0.9)} lines, the limit is ${limits.p90}` : '',
  ...sizes
    .filter((size) => size.lines > limits.max)
    .map((size) => `${size.file}: ${size.lines} lines, the limit is ${limits.max}`),
].filter((problem) => problem !== '');

console.log(`${sizes.length} files: median ${at(0.5)}, p90 ${at(0.9)}, longest ${at(1)} lines`);
for (const problem of problems) console.error(`size: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
