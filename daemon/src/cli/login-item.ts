import { Command } from 'commander';
import type { LoginItemState } from '../api/settings.ts';
import { disableLoginItem, enableLoginItem, type LoginItem, loginItemState } from '../login/login-item.ts';
import { ownLoginItem } from '../login/own-login-item.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';

/** `berth login-item`: whether the machine starts when the user logs in. */
export function loginItemCommand(context: CliContext): Command {
  const verb = (name: string, description: string, act: (item: LoginItem) => Promise<string>) =>
    new Command(name)
      .description(description)
      .addOption(homeOption())
      .action(async (options: HomeOption) => {
        context.stdout.write(`${await act(itemOf(context, options))}\n`);
      });
  return new Command('login-item')
    .description('start the machine at login')
    .addCommand(verb('enable', 'from the next login on', enable))
    .addCommand(verb('disable', 'no longer', disable))
    .addCommand(verb('status', 'whether it does', status));
}

async function enable(item: LoginItem): Promise<string> {
  await enableLoginItem(item);
  return `enabled: ${item.file}`;
}

async function disable(item: LoginItem): Promise<string> {
  await disableLoginItem(item);
  return 'disabled';
}

const told: Record<LoginItemState, (file: string) => string> = {
  enabled: (file) => `enabled: ${file}`,
  disabled: () => 'disabled',
  different: (file) =>
    `enabled for another berth or another home: ${file} (\`berth login-item enable\` makes it this one's)`,
};

async function status(item: LoginItem): Promise<string> {
  return told[await loginItemState(item)](item.file);
}

function itemOf(context: CliContext, options: HomeOption): LoginItem {
  const item = ownLoginItem(context.environment, contextPaths(context, options).home);
  if (item) return item;
  throw new Error(`berth knows no way to start at login on ${process.platform}`);
}
