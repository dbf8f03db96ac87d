import { describe, expect, it } from 'vitest';
import { InvalidParameterError } from '../api/errors.ts';
import { buildError, BuildFailedError } from './build-errors.ts';

describe('buildError', () => {
  it('says of a command how it ended, as dockerd does', () => {
    const error = buildError(`process "/bin/sh -c echo \\"a\\" && exit 3" did not complete successfully: exit code: 3`);
    expect(error).toBeInstanceOf(BuildFailedError);
    expect(error).toMatchObject({
      message: `The command '/bin/sh -c echo "a" && exit 3' returned a non-zero code: 3`,
      code: 3,
    });
  });

  it.each([
    'dockerfile parse error on line 6: unknown instruction: FOO (did you mean FROM?)',
    'target stage "none" could not be found',
    'no build stage in current context',
  ])('takes %j for a bad request', (message) => {
    const error = buildError(message);
    expect(error).toBeInstanceOf(InvalidParameterError);
    expect(error.message).toBe(message);
  });

  it('names a file that a COPY misses', () => {
    const complaint = 'failed to compute cache key: failed to calculate checksum of ref a1::b2: "/nope/x": not found';
    expect(buildError(complaint)).toMatchObject({
      message:
        'COPY failed: file not found in build context or excluded by .dockerignore: stat nope/x: file does not exist',
      code: null,
    });
  });

  it('names the instruction that missed it, where that is known', () => {
    const missing = 'failed to compute cache key: failed to calculate checksum of ref a::b: "/x": not found';
    expect(buildError(missing, 'ADD').message).toMatch(/^ADD failed: file not found/);
  });

  it.each([
    ['target stage "b" could not be found (did you mean a?)', 'target stage "b" could not be found'],
    ['failed to parse stage name "A": invalid reference format', 'invalid reference format'],
    ['invalid stage index 5', 'invalid from flag value 5: index out of bounds'],
    ['ENV must have two arguments', 'failed to parse Dockerfile: ENV must have two arguments'],
    ['process "x" did not complete successfully: unable to find user y', 'unable to find user y'],
    [
      'process "x" did not complete successfully: CNI setup error: plugin type="step-network" name="berth" failed (add): no: way',
      'no: way',
    ],
    [
      'process "x" did not complete successfully: failed to create shim task: OCI runtime create failed: no: unknown',
      'failed to create task for container: failed to create shim task: OCI runtime create failed: no',
    ],
  ])('says %j as %j', (given, expected) => {
    expect(buildError(given).message).toBe(expected);
  });

  it('keeps what it does not know', () => {
    expect(buildError('two\nlines')).toMatchObject({ message: 'two\nlines', code: null });
    expect(buildError('out of luck')).toMatchObject({ message: 'out of luck', code: null });
  });
});
