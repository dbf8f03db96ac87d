import { describe, expect, it } from 'vitest';
import { BuildProgress, type SolveStatus } from './build-progress.ts';

function textOf(...statuses: Array<Partial<SolveStatus>>): string {
  let text = '';
  const progress = new BuildProgress(({ stream }) => (text += stream));
  for (const { vertexes = [], logs = [] } of statuses) progress.accept({ vertexes, logs });
  return text;
}

const started = { seconds: 1, nanos: 0 };
const [cached, error] = [false, ''];
const digest = 'a'.repeat(64);

describe('BuildProgress', () => {
  it('numbers the steps of the Dockerfile as they start, each once', () => {
    const from = { cached, error, digest: 'f', name: `[1/2] FROM docker.io/library/busybox:latest@sha256:${digest}` };
    const run = { cached, error, digest: 'r', name: '[2/2] RUN true' };
    const text = textOf(
      { vertexes: [{ cached, error, digest: 'i', name: '[internal] load .dockerignore', started }] },
      { vertexes: [run, from] },
      { vertexes: [{ ...from, started }] },
      { vertexes: [{ ...from, started }] },
      { vertexes: [{ ...run, started, cached: true }] },
    );
    expect(text).toBe('Step 1/2 : FROM busybox:latest\nStep 2/2 : RUN true\n ---> Using cache\n');
  });

  it('counts the steps of all stages', () => {
    const build = {
      cached,
      error,
      digest: 'b',
      name: `[build 1/1] FROM example.com/tools:1@sha256:${digest}`,
      started,
    };
    const copy = { cached, error, digest: 'c', name: '[stage-1 1/1] COPY --from=build /x /x', started };
    expect(textOf({ vertexes: [build, copy] })).toBe(
      'Step 1/2 : FROM example.com/tools:1\nStep 2/2 : COPY --from=build /x /x\n',
    );
  });

  it('knows which instruction failed to copy', () => {
    const progress = new BuildProgress(() => undefined);
    const from = { cached, error: 'it cannot go on', digest: 'f', name: '[1/2] FROM busybox' };
    progress.accept({ vertexes: [from, { ...from, digest: 'a', name: '[2/2] add x /' }], logs: [] });
    expect(progress.failedCopy).toBe('ADD');
  });

  it('marks standard error, and keeps characters whole', () => {
    const [head, tail] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const log = (stream: number, data: string | Buffer) => ({
      logs: [{ vertex: 'v', stream, msg: Buffer.from(data) }],
    });
    expect(textOf(log(1, 'out\n'), log(1, head), log(2, 'err\n'), log(1, tail))).toBe('out\n\u001b[91merr\n\u001b[0mé');
  });
});
