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
    ['ENV PATH=/opt:$PATH', '/opt:/bin'],
    ['ENV PATH="${PATH}:/x y"', '/bin:/x y'],
    ["ENV PATH='$PATH'", '$PATH'],
    ['ENV PATH=\\$PATH', '$PATH'],
    ['ENV PATH ${NOPE:-a}:${PATH:+b}:${EMPTY-c}:${EMPTY:-${PATH}}', 'a:b::/bin'],
    ['ENV PATH=a$', 'a$'],
  ])('fills in variables: %s', (instruction, expected) => {
    expect(applyChanges({ Env: ['PATH=/bin', 'EMPTY='] }, [instruction]).Env?.[0]).toBe(`PATH=${expected}`);
  });

  it('fills in variables of earlier instructions, with blanks in them, and not into commands', () => {
    const changed = applyChanges({}, ['ENV A="b c"', 'LABEL x=$A', 'USER ${A}', 'CMD echo $A', 'VOLUME ["/$A"]']);
    expect(changed).toMatchObject({ Labels: { x: 'b c' }, User: 'b c', Volumes: { '/b c': {} } });
    expect(changed.Cmd).toEqual(['/bin/sh', '-c', 'echo $A']);
  });

  it.each([
    ['ENV A=${B', "missing '}'"],
    ['ENV A=${B:?is needed}', 'B: is needed'],
    ['ENV A=${B~x}', 'bad substitution'],
    ['RUN x', 'RUN is not a valid change command'],
    ['EXPOSE zz', 'invalid containerPort: zz'],
    ['ENV A', 'ENV must have two arguments'],
    ['LABEL a=b c', 'Syntax error - can\'t find = in "c". Must be of the form: name=value'],
    ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
  ])('refuses %s', (instruction, message) => {
    expect(() => applyChanges({}, [instruction])).toThrow(message);
  });
});
