const highestCpu = 8192;

/** '0-2,7' → [0, 1, 2, 7]; [] for ''; null for anything that is no list of CPUs. */
export function parseCpuList(text: string): number[] | null {
  if (text === '') return [];
  const cpus: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!match?.[1]) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last > highestCpu) return null;
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}
