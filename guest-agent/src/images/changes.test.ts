import { describe, expect, it } from 'vitest';
import { applyChanges } from './changes.ts';

describe('applyChanges', () => {
  it.each([
    ['CMD ["a","b c"]', { Cmd: ['a', 'b c'] }],
    ['cmd echo hi', { Cmd: ['/bin/sh', '-c', 'echo hi'] }],
    ['ENTRYPOINT []', { Entrypoint: [] }],
    ['ENV A=b C="d e" F=g\\ h', { Env: ['A=b', 'C=d e', 'F=g h'] }],
    ['ENV A b c', { Env: ['A=b c'] }],
    ['EXPOSE 80 90-91/udp', { ExposedPorts: { '80/tcp': {}, '90/udp': {}, '91/udp': {} } }],
    ['LABEL a=b "c d"=e', { Labels: { a: 'b', 'c d': 'e' } }],
    ['VOLUME ["/a b"]', { Volumes: { '/a b': {} } }],
    ['WORKDIR sub', { WorkingDir: '/sub' }],
    ['USER me:us', { User: 'me:us' }],
    ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
    [
      'HEALTHCHECK --interval=1m30s --retries=3 CMD ["true"]',
      { Healthcheck: { Test: ['CMD', 'true'], Interval: 90e9, Retries: 3 } },
    ],
    ['ONBUILD RUN make', { OnBuild: ['RUN make'] }],
  ])('%s', (instruction, expected) => {
    expect(applyChanges({}, [instruction])).toEqual(expected);
  });

  it('replaces a variable in its place and leaves the original alone', () => {
    const config = { Env: ['A=1', 'B=2'] };
    expect(applyChanges(config, ['ENV A=3']).Env).toEqual(['A=3', 'B=2']);
    expect(config.Env).toEqual(['A=1', 'B=2']);
  });

  it.each([
    ['RUN x', 'RUN is not a valid change command'],
    ['EXPOSE zz', 'invalid containerPort: zz'],
    ['ENV A', 'ENV must have two arguments'],
    ['LABEL a=b c', 'Syntax error - can\'t find = in "c". Must be of the form: name=value'],
    ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
  ])('refuses %s', (instruction, message) => {
    expect(() => applyChanges({}, [instruction])).toThrow(message);
  });
});
