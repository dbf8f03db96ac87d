/** A create request and what follows from it, for one value of one field. */
export interface OptionCase {
  name: string;
  /** Fields beside the image and a long-running command, or a whole body as text. */
  body: object | string;
}

/** Fields of HostConfig, and `more` beside it. */
export const host = (name: string, HostConfig: unknown, more: object = {}): OptionCase => ({
  name,
  body: { HostConfig, ...more },
});

/** Fields of Config or NetworkingConfig. */
export const config = (name: string, body: object): OptionCase => ({ name, body });

/** A body that JavaScript cannot write. */
export const text = (name: string, body: string): OptionCase => ({ name, body });
