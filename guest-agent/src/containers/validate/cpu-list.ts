const highestCpu = 8192;

/** '0-2,7' → [0, 1, 2, 7]; [] for ''; Docker's words for what is no list of CPUs. */
export function parseCpuList(text: string): number[] | string {
  if (text === '') return [];
  const cpus: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || last < first) return `invalid format: ${text}`;
    if (last > highestCpu) return `value of out range, maximum is ${highestCpu}`;
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}
