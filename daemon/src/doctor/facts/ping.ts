import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

const timeoutMs = 3_000;

/** The `Server` that the engine on a unix socket calls itself ('' if nothing); null: no engine answers there. */
export async function pingEngine(socketPath: string): Promise<string | null> {
  const signal = AbortSignal.timeout(timeoutMs);
  const asked = request({ socketPath, path: '/_ping', agent: false, signal });
  try {
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
    answer.on('error', () => undefined).resume();
    return answer.statusCode === 200 ? String(answer.headers.server ?? '') : null;
  } catch {
    return null;
  } finally {
    asked.on('error', () => undefined).destroy();
  }
}
