import { expect, it } from 'vitest';
import { humanSize, progressMessage } from './progress.ts';

it('prints sizes as Docker does', () => {
  expect([0, 999, 1000, 1084598, 1e9].map(humanSize)).toEqual(['0B', '999B', '1kB', '1.085MB', '1GB']);
});

it('draws the bar', () => {
  expect(progressMessage('abc', 'Downloading', { current: 500, total: 1000 })).toEqual({
    status: 'Downloading',
    progressDetail: { current: 500, total: 1000 },
    progress: `[${'='.repeat(25)}>${' '.repeat(25)}]     500B/1kB`,
    id: 'abc',
  });
});

it('leaves out what is zero', () => {
  expect(progressMessage('abc', 'Download complete', { hidecounts: true })).toEqual({
    status: 'Download complete',
    progressDetail: { hidecounts: true },
    id: 'abc',
  });
  expect(progressMessage('abc', 'Extracting', { current: 1, units: 's' }).progress).toBe('1 s');
});
