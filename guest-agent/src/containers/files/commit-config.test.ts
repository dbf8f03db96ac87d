import { expect, test } from 'vitest';
import { containerConfig, type ContainerConfig } from '../../api/engine/container-config.ts';
import { commitConfig } from './commit-config.ts';

const config = (fields: Partial<ContainerConfig>): ContainerConfig => ({ ...containerConfig.zero(), ...fields });
const own = config({ Cmd: ['sh'], Env: ['PATH=/bin'], Hostname: 'h', Labels: {} });

test('without a body or changes, it is the container’s own without what images do not have', () => {
  expect(commitConfig(own, null, [])).toEqual({ Cmd: ['sh'], Env: ['PATH=/bin'] });
});

test('changes apply to the container’s own', () => {
  expect(commitConfig(own, null, ['ENV A=b', 'CMD x'])).toEqual({
    Cmd: ['/bin/sh', '-c', 'x'],
    Env: ['PATH=/bin', 'A=b'],
  });
});

test('a body comes first, the container fills in', () => {
  const body = config({ Labels: { q: 'r' }, Env: ['Z=1'] });
  expect(commitConfig(own, body, [])).toEqual({ Cmd: ['sh'], Env: ['Z=1', 'PATH=/bin'], Labels: { q: 'r' } });
});

test('a new entrypoint drops the old command', () => {
  expect(commitConfig(own, null, ['ENTRYPOINT ["a"]'])).toMatchObject({ Entrypoint: ['a'] });
  expect(commitConfig(own, null, ['ENTRYPOINT ["a"]'])).not.toHaveProperty('Cmd');
  expect(commitConfig(own, null, ['ENTRYPOINT ["a"]', 'CMD ["b"]'])).toMatchObject({ Entrypoint: ['a'], Cmd: ['b'] });
});
