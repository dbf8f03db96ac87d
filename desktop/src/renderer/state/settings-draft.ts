import type { DriverChoice, EngineConfigAnswer, SettingsAnswer, SettingsContent } from '@berth/daemon/api';

/** daemon.json's `proxies`, as the form has them; '' means none. */
export interface Proxies {
  http: string;
  https: string;
  none: string;
}

const keys = { http: 'http-proxy', https: 'https-proxy', none: 'no-proxy' } as const;

/** What was read, and what the form says now. */
export interface Draft {
  answer: SettingsAnswer;
  engineConfig: EngineConfigAnswer;
  settings: SettingsContent;
  proxies: Proxies;
}

export function draftOf(answer: SettingsAnswer, engineConfig: EngineConfigAnswer): Draft {
  return { answer, engineConfig, settings: answer.file, proxies: proxiesOf(engineConfig.text) };
}

/** The driver that the form has chosen; undefined: one that is not there. */
export function driverOf({ answer, settings }: Draft): DriverChoice | undefined {
  const name = settings.driver ?? 'auto';
  return answer.drivers.find((driver) => driver.name === name);
}

export function isChanged(draft: Draft): boolean {
  return settingsChanged(draft) || proxiesChanged(draft);
}

export function settingsChanged({ answer, settings }: Draft): boolean {
  return JSON.stringify(sorted(settings)) !== JSON.stringify(sorted(answer.file));
}

export function proxiesChanged({ engineConfig, proxies }: Draft): boolean {
  return JSON.stringify(proxies) !== JSON.stringify(proxiesOf(engineConfig.text));
}

/** None where the text is not JSON: then the editor is the place to put it right. */
export function proxiesOf(text: string): Proxies {
  const { proxies = {} } = parsed(text) ?? {};
  const of = (key: string) => String((proxies as Record<string, unknown>)[key] ?? '');
  return { http: of(keys.http), https: of(keys.https), none: of(keys.none) };
}

/** The text with these proxies and everything else as it was; null: the text is not an object. */
export function withProxies(text: string, proxies: Proxies): string | null {
  const value = parsed(text);
  if (!value) return null;
  const given = Object.entries(keys)
    .map(([name, key]) => [key, proxies[name as keyof Proxies].trim()] as const)
    .filter(([, proxy]) => proxy !== '');
  const { proxies: _old, ...rest } = value;
  const whole = given.length === 0 ? rest : { ...rest, proxies: Object.fromEntries(given) };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** What is undefined is left out; the order of keys is none. */
function sorted(settings: SettingsContent): [string, unknown][] {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
