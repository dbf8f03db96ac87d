import { startDashboard, type DashboardOptions, type DashboardServer } from './dashboard-server.ts';

/** The dashboard, which is served from the first time that somebody asks for a link. */
export class Dashboard implements AsyncDisposable {
  readonly #options: DashboardOptions;
  #server: Promise<DashboardServer> | null = null;

  constructor(options: DashboardOptions) {
    this.#options = options;
  }

  /** A link that opens once, within a minute. Rejects when the pages are not there. */
  async link(): Promise<string> {
    this.#server ??= startDashboard(this.#options);
    try {
      return (await this.#server).link();
    } catch (error) {
      this.#server = null;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = await this.#server?.catch(() => null);
    await server?.[Symbol.asyncDispose]();
  }
}
