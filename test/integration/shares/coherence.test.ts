import { appendFileSync, chmodSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canMountShares, mountShare, type MountedShare } from '../../helpers/mounted-share.ts';

/** Far less than what the kernel takes for granted lasts where nobody tells it that it changed. */
const seen = { timeout: 4_000, interval: 20 };

describe.skipIf(!canMountShares)('what the host changes is seen in the guest (needs root and FUSE)', () => {
  let share: MountedShare;
  beforeAll(async () => {
    share = await mountShare();
  });
  afterAll(() => share[Symbol.asyncDispose]());
  const at = (name: string) => path.join(share.host, name);
  const says = async (script: string) => (await share.run(script)).stdout;
  const sees = (script: string) => expect.poll(() => says(script), seen);

  test('what a file holds, how long it is, what its mode is', async () => {
    mkdirSync(at('d'));
    writeFileSync(at('d/f'), 'one');
    await says('ls -l d');
    expect(await says('cat d/f; stat -c "%s %a" d/f')).toBe('one3 644');
    appendFileSync(at('d/f'), ' two');
    await sees('cat d/f; stat -c %s d/f').toBe('one two7');
    chmodSync(at('d/f'), 0o600);
    await sees('stat -c %a d/f').toBe('600');
  });

  test('another file in its place, also of another kind', async () => {
    await says('mkdir e; echo old > e/f; ls -l e; stat e/f');
    writeFileSync(at('e/new'), 'new');
    renameSync(at('e/new'), at('e/f'));
    await sees('cat e/f').toBe('new');
    rmSync(at('e/f'));
    mkdirSync(at('e/f'));
    await sees('stat -c %F e/f').toBe('directory');
    rmSync(at('e/f'), { recursive: true });
    await sees('ls e; stat e/f 2>/dev/null || echo gone').toBe('gone');
  });

  test('a folder that was made anew, and what is in it', async () => {
    mkdirSync(at('g'));
    writeFileSync(at('g/f'), '1');
    expect(await says('ls g; cat g/f; stat -c %s g/f; cat g/f')).toBe('f\n11\n1');
    rmSync(at('g'), { recursive: true });
    mkdirSync(at('g'));
    writeFileSync(at('g/f'), '22');
    await sees('cat g/f').toBe('22');
    expect(await says('ls g; cat g/f')).toBe('f\n22');
    writeFileSync(at('g/f'), '333');
    await sees('cat g/f; stat -c %s g/f').toBe('3333');
  });

  test('one file by two names', async () => {
    expect(await says('echo x > k; stat -c %h k; ln k h; stat -c %h k h')).toBe('1\n2\n2');
    linkSync(at('k'), at('l'));
    await sees('stat -c %h k').toBe('3');
    await says('cat k h; echo more >> h');
    await sees('cat k').toBe('x\nmore');
  });

  test('what one open file writes is read by another at once', async () => {
    const script = 'echo a > o; cat o; exec 3<o 4>>o; echo b >&4; cat <&3; exec 3<o; printf c > o; cat <&3; cat o';
    expect(await says(script)).toBe('a\na\nb\ncc');
  });

  test('names that many write and look at all at once', async () => {
    const script =
      'mkdir m; for i in 1 2 3 4; do (for j in $(seq 50); do echo $j > m/$i-$j; ls -l m; done >/dev/null) & done; wait';
    const host = setInterval(() => writeFileSync(at('m-host'), `${Math.random()}`), 5);
    await says(script);
    clearInterval(host);
    expect(await says('cat m/* | wc -l')).toBe('200');
  });
});
