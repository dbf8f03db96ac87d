import { lstat, mkdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { LoginItemState } from '../api/settings.ts';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { launchAgent, launchAgentLabel } from './launch-agent.ts';
import { startupScript } from './startup-script.ts';
import { systemdUnit, unitName } from './systemd-unit.ts';

/** What has the system run `berth up` when the user logs in. */
export interface LoginItem {
  file: string;
  content: string;
  /** A link to the file that makes it count; null: the file does by itself. */
  link: string | null;
}

export interface LoginItemQuestion {
  platform: string;
  homedir: string;
  /** XDG_CONFIG_HOME and APPDATA; null: unset. */
  configHome: string | null;
  appData: string | null;
  /** PATH, which what starts at login has little of; null: unset. */
  searchPath: string | null;
  /** The command line, to which a command's name and --home are added. */
  program: readonly string[];
  /** berth's own folder. */
  home: string;
}

/** null: on this platform nothing is known to start programs at login. */
export function loginItemFor(question: LoginItemQuestion): LoginItem | null {
  return items[question.platform]?.(question) ?? null;
}

const items: Readonly<Record<string, (question: LoginItemQuestion) => LoginItem>> = {
  darwin: (question) => ({
    file: path.posix.join(question.homedir, 'Library/LaunchAgents', `${launchAgentLabel}.plist`),
    content: launchAgent({
      command: commandOf(question, 'up'),
      searchPath: question.searchPath,
      logFile: path.posix.join(question.home, 'login.log'),
    }),
    link: null,
  }),
  linux: (question) => {
    const folder = path.posix.join(question.configHome ?? path.posix.join(question.homedir, '.config'), 'systemd/user');
    return {
      file: path.posix.join(folder, unitName),
      content: systemdUnit({
        up: commandOf(question, 'up'),
        down: commandOf(question, 'down'),
        searchPath: question.searchPath,
      }),
      link: path.posix.join(folder, 'default.target.wants', unitName),
    };
  },
  win32: (question) => ({
    file: path.win32.join(
      question.appData ?? path.win32.join(question.homedir, 'AppData\\Roaming'),
      'Microsoft\\Windows\\Start Menu\\Programs\\Startup\\berth.cmd',
    ),
    content: startupScript(commandOf(question, 'up')),
    link: null,
  }),
};

function commandOf({ program, home }: LoginItemQuestion, verb: string): string[] {
  return [...program, verb, '--home', home];
}

export async function loginItemState({ file, content, link }: LoginItem): Promise<LoginItemState> {
  const found = await readFile(file, 'utf8').catch(() => null);
  const counts = link === null || (await lstat(link).catch(() => null)) !== null;
  if (found === null || !counts) return 'disabled';
  return found === content ? 'enabled' : 'different';
}

export async function enableLoginItem({ file, content, link }: LoginItem): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomically(file, content);
  if (link === null || (await readlink(link).catch(() => null)) === file) return;
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(file, link);
}

/** Nothing happens when it is not enabled. */
export async function disableLoginItem({ file, link }: LoginItem): Promise<void> {
  for (const each of [link, file]) if (each !== null) await rm(each, { force: true });
}
