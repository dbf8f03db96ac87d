import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { engineConfigKeys } from '@berth/guest-agent/api';
import type { OperationRequest } from '../api/operations.ts';
import type {
  ApplyAnswer,
  EffectiveSettings,
  EngineConfigAnswer,
  SettingsAnswer,
  SettingsContent,
  SettingsVerdict,
  TextProblem,
} from '../api/settings.ts';
import { ConfigError } from '../config/config-error.ts';
import { dockerIntegration } from '../config/docker-places.ts';
import { engineConfigSchema } from '../config/engine-config.ts';
import type { Paths } from '../config/paths.ts';
import { parseSettings, readSettingsFile, settingsText, sharedFolders, withDefaults } from '../config/settings-file.ts';
import { disableLoginItem, enableLoginItem, loginItemState, type LoginItem } from '../login/login-item.ts';
import type { ControlledMachine } from '../server/control/handlers.ts';
import { architectureOf } from '../vm/architecture.ts';
import { applyChange, type ChangeableMachine } from './apply-change.ts';
import { ConfigText } from './config-text.ts';
import { driverChoices, honouredBy, type HostAbilities } from './driver-choices.ts';
import { textProblems } from './text-problems.ts';

/** The request does not fit what is there: another change goes on, or the text is another by now. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly statusCode = 409;
}

export interface SettingsOptions extends HostAbilities {
  paths: Pick<Paths, 'home' | 'settings' | 'engineConfig'>;
  machine: Omit<ChangeableMachine, 'start'> & Pick<ControlledMachine, 'start'>;
  /** What makes the machine start at login; null: nothing can. */
  loginItem: LoginItem | null;
}

const unattended = { onPhase: () => undefined, signal: new AbortController().signal };

/** The user's two files: what they say, whether a change would do, and changing them with a way back. */
export class SettingsService {
  readonly #options: SettingsOptions;
  readonly #settings: ConfigText;
  readonly #engineConfig: ConfigText;
  #applying = false;

  constructor(options: SettingsOptions) {
    this.#options = options;
    this.#settings = new ConfigText(options.paths.settings);
    this.#engineConfig = new ConfigText(options.paths.engineConfig);
  }

  /** Takes back what a daemon was trying out when it was killed; tells which files. */
  async recover(): Promise<string[]> {
    const files = [this.#settings, this.#engineConfig];
    const restored = await Promise.all(files.map((config) => config.restore()));
    return files.filter((_, index) => restored[index]).map(({ file }) => file);
  }

  async get(): Promise<SettingsAnswer> {
    const { paths, machine, drivers, loginItem } = this.#options;
    const file = await readSettingsFile(paths.settings);
    const effective = await this.#effective(file);
    const status = await machine.status();
    const running = status.state === 'running' ? drivers.get(status.driver!) : null;
    return {
      file,
      effective,
      host: { cpus: availableParallelism(), memoryMiB: Math.floor(totalmem() / 1024 / 1024) },
      drivers: await driverChoices(this.#options),
      pending: running ? honouredBy(running).filter((key) => effective[key] !== status[key]) : [],
      startAtLogin: loginItem && (await loginItemState(loginItem)),
    };
  }

  async #effective(file: SettingsContent): Promise<EffectiveSettings> {
    const { paths } = this.#options;
    const { architecture = architectureOf(process.arch), ...sizes } = withDefaults(file);
    const { shareKind = 'sftp' } = file;
    const shares = await sharedFolders(paths.settings);
    return { ...sizes, architecture, shares, shareKind, ...dockerIntegration(paths, file) };
  }

  validate(settings: unknown): SettingsVerdict {
    try {
      this.#check(settings);
      return { problem: null };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  }

  async apply({ settings, restart, base }: OperationRequest<'settings.apply'>): Promise<ApplyAnswer> {
    const text = settingsText(this.#check(settings));
    return this.#alone(async () => {
      const { settings: file } = this.#options.paths;
      if (base !== undefined && !isDeepStrictEqual(await readSettingsFile(file), base)) throw changedMeanwhile(file);
      return applyChange(this.#settings, { text, restart }, this.#machine);
    });
  }

  async setStartAtLogin(enabled: boolean): Promise<void> {
    const { loginItem } = this.#options;
    if (!loginItem) throw new ConfigError('on this platform berth knows no way to start at login');
    await (enabled ? enableLoginItem(loginItem) : disableLoginItem(loginItem));
  }

  async getEngineConfig(): Promise<EngineConfigAnswer> {
    return { text: await this.#engineConfig.read(), keys: engineConfigKeys };
  }

  validateEngineConfig(text: string): TextProblem[] {
    return textProblems(text, engineConfigSchema);
  }

  async applyEngineConfig(change: { text: string; base: string; restart: boolean }): Promise<ApplyAnswer> {
    const [problem] = this.validateEngineConfig(change.text);
    if (problem)
      throw new ConfigError(`daemon.json: line ${problem.line}, column ${problem.column}: ${problem.message}`);
    return this.#alone(async () => {
      if ((await this.#engineConfig.read()) !== change.base) throw changedMeanwhile(this.#engineConfig.file);
      return applyChange(this.#engineConfig, change, this.#machine);
    });
  }

  #check(settings: unknown) {
    const parsed = parseSettings(settings);
    const { driver = 'auto', shareKind } = parsed;
    if (driver === 'auto') return parsed;
    const { drivers } = this.#options;
    if (!drivers.names.includes(driver)) {
      const known = ['auto', ...drivers.names].join(', ');
      throw new ConfigError(`settings: driver: expected one of ${known}, got ${JSON.stringify(driver)}`);
    }
    const { hostFolders } = drivers.get(driver).capabilities;
    if (shareKind !== undefined && shareKind !== 'sftp' && !hostFolders.includes(shareKind)) {
      const known = ['sftp', ...hostFolders].map((kind) => JSON.stringify(kind)).join(' or ');
      throw new ConfigError(`settings: shareKind: expected ${known} with the ${driver} driver, got "${shareKind}"`);
    }
    return parsed;
  }

  get #machine(): ChangeableMachine {
    const { machine } = this.#options;
    return { ...machine, start: () => machine.start({}, unattended) };
  }

  async #alone<T>(change: () => Promise<T>): Promise<T> {
    if (this.#applying) throw new ConflictError('another change is being applied: try again when it is done');
    this.#applying = true;
    try {
      return await change();
    } finally {
      this.#applying = false;
    }
  }
}

function changedMeanwhile(file: string): ConflictError {
  return new ConflictError(`${path.basename(file)} has been changed by somebody else meanwhile: look at it again`);
}
