import path from 'node:path';
import { SystemError } from '../../api/index.ts';
import type { MountPoint } from '../mount-point.ts';

const groups: ReadonlyArray<readonly string[]> = [
  ['rw', 'ro'],
  ['z', 'Z'],
  ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'],
  ['nocopy'],
  ['consistent', 'cached', 'delegated', 'default'],
];
const propagations = groups[2] as readonly string[];

export function isValidMode(mode: string): boolean {
  if (mode === '') return true;
  const counts = groups.map(() => 0);
  for (const option of mode.split(',')) {
    const group = groups.findIndex((options) => options.includes(option));
    if (group === -1) return false;
    counts[group] = (counts[group] ?? 0) + 1;
  }
  return counts.every((count) => count <= 1);
}

export const isReadOnly = (mode: string): boolean => mode.split(',').includes('ro');

export const emptyMount: MountPoint = {
  type: 'bind',
  name: '',
  source: '',
  destination: '',
  driver: '',
  mode: '',
  readWrite: true,
  propagation: '',
  copyUp: false,
  subpath: '',
  tmpfsOptions: '',
  nonRecursive: false,
  readOnlyBelow: 'where-possible',
  createSource: false,
  fromMountsApi: false,
};

/** dockerd answers 500 for a malformed one. One of HostConfig.Binds: 'source:target[:mode]' or 'volume:target[:mode]' or 'target' (anonymous). */
export function parseBind(bind: string, volumeDriver: string): MountPoint {
  const parts = bind.split(':');
  const invalid = (why?: string) =>
    new SystemError(`invalid volume specification: '${bind}'${why === undefined ? '' : `: ${why}`}`);
  const [first = '', second, mode = ''] = parts;
  if (first === '' || parts.length > 3) throw invalid();
  if (parts.length === 2 && isValidMode(second as string)) throw invalid();
  if (!isValidMode(mode)) throw new SystemError(`invalid mode: ${mode}`);
  const target = second ?? first;
  const source = second === undefined ? '' : first;
  const problem = targetProblem(target, source);
  if (problem !== null) throw invalid(problem);
  const common = {
    ...emptyMount,
    destination: path.posix.normalize(target).replace(/(.)\/$/, '$1'),
    mode,
    readWrite: !isReadOnly(mode),
  };
  if (path.posix.isAbsolute(source)) {
    const propagation = mode.split(',').find((option) => propagations.includes(option)) ?? '';
    return {
      ...common,
      type: 'bind',
      source: path.posix.normalize(source).replace(/(.)\/$/, '$1'),
      propagation,
      createSource: true,
    };
  }
  return {
    ...common,
    type: 'volume',
    name: source,
    mode: mode || 'z',
    driver: volumeDriver || 'local',
    copyUp: !mode.split(',').includes('nocopy'),
  };
}

/** null when a mount may go there; otherwise Docker's words for why not. */
export function targetProblem(target: string, source: string): string | null {
  if (target === '')
    return `invalid mount config for type "${source.startsWith('/') ? 'bind' : 'volume'}": field Target must not be empty`;
  const type = path.posix.isAbsolute(source) ? 'bind' : 'volume';
  if (path.posix.normalize(target) === '/')
    return `invalid mount config for type "${type}": invalid specification: destination can't be '/'`;
  if (!path.posix.isAbsolute(target)) {
    return `invalid mount config for type "${type}": invalid mount path: '${target}' mount path must be absolute`;
  }
  return null;
}
