import path from 'node:path';
import { SystemError } from '../../api/index.ts';
import type { MountPoint } from '../mount-point.ts';
import { targetProblem } from '../validate/mount-config.ts';

const groups: ReadonlyArray<readonly string[]> = [
  ['rw', 'ro'],
  ['z', 'Z'],
  ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'],
  ['nocopy'],
  ['consistent', 'cached', 'delegated'],
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

/** Propagation and copying are the owner's to choose, not of who takes its volumes over. */
export const changesMount = (mode: string): boolean =>
  mode.split(',').some((option) => propagations.includes(option) || option === 'nocopy');

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
  const type = path.posix.isAbsolute(source) ? 'bind' : 'volume';
  const hasPropagation = mode.split(',').some((option) => propagations.includes(option));
  const problem =
    targetProblem(target) ?? (type === 'volume' && hasPropagation ? 'field BindOptions must not be specified' : null);
  if (problem !== null) throw invalid(`invalid mount config for type "${type}": ${problem}`);
  const common = {
    ...emptyMount,
    destination: path.posix.normalize(target).replace(/(.)\/$/, '$1'),
    mode,
    readWrite: !isReadOnly(mode),
  };
  if (type === 'bind') {
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
