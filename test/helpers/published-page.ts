import { expect } from 'vitest';
import type { Berth } from './berth.ts';

/** Runs a web server in a container called `web` and reads its page at the port that it is published on. */
export async function expectPublishedPage(berth: Berth, content: string, timeout = 20_000): Promise<void> {
  const script = `mkdir -p /www; echo ${content} > /www/index.html; exec httpd -f -h /www`;
  await berth.docker(['run', '-d', '--name', 'web', '-p', '80', 'busybox', 'sh', '-c', script]);
  const port = (await berth.docker(['port', 'web', '80'])).stdout.split('\n')[0]?.split(':').at(-1);
  const answer = () =>
    fetch(`http://127.0.0.1:${port}/`)
      .then((response) => response.text())
      .catch(() => '');
  await expect.poll(answer, { timeout }).toBe(`${content}\n`);
}
