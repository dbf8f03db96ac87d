import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ContainerEvent {
  Action: string;
  timeNano: number;
  Actor: { ID: string; Attributes: Record<string, string> };
}

/** Takes down the container events with a label from now on. */
export class EventRecorder implements Disposable {
  readonly events: ContainerEvent[] = [];
  readonly #answer: IncomingMessage;

  static async start(socketPath: string, label: string): Promise<EventRecorder> {
    const filters = encodeURIComponent(
      JSON.stringify({ type: ['container'], ...(label !== '' && { label: [label] }) }),
    );
    const outgoing = request({ socketPath, path: `/v1.51/events?filters=${filters}` }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new EventRecorder(answer);
  }

  private constructor(answer: IncomingMessage) {
    this.#answer = answer;
    answer.on('error', () => undefined);
    createInterface({ input: answer }).on('line', (line) => this.events.push(JSON.parse(line) as ContainerEvent));
  }

  [Symbol.dispose](): void {
    this.#answer.destroy();
  }
}
