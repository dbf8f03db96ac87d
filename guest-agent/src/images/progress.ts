/** Docker's progress messages, as its clients draw them. */
export interface ProgressMessage {
  status: string;
  progressDetail?: ProgressDetail;
  /** The bar that clients without a terminal of their own show. */
  progress?: string;
  id?: string;
}

export interface ProgressDetail {
  current?: number;
  total?: number;
  hidecounts?: true;
  units?: string;
}

export const shortDigest = (digest: string): string => digest.slice(digest.indexOf(':') + 1).slice(0, 12);

export const plainMessage = (status: string, id?: string): ProgressMessage => ({ status, ...(id && { id }) });

/** `id` is what the line belongs to, a layer's short digest. */
export function progressMessage(id: string, status: string, detail: ProgressDetail = {}): ProgressMessage {
  const progressDetail = Object.fromEntries(Object.entries(detail).filter(([, value]) => value));
  const bar = progressBar(detail);
  return { status, progressDetail, ...(bar && { progress: bar }), id };
}

const barWidth = 50;

function progressBar({ current = 0, total = 0, units, hidecounts }: ProgressDetail): string {
  if (current <= 0 && total <= 0) return '';
  if (total <= 0) return units ? `${current} ${units}` : humanSize(current).padStart(8);
  const filled = Math.min(barWidth, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = `[${'='.repeat(filled)}>${' '.repeat(barWidth - filled)}] `;
  if (hidecounts) return bar;
  if (current > total) return bar + (units ? `${current} ${units}` : humanSize(current).padStart(8));
  return bar + (units ? `${current}/${total} ${units}` : `${humanSize(current).padStart(8)}/${humanSize(total)}`);
}

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

/** Four significant digits and a decimal unit: 1.084MB. */
export function humanSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < sizeUnits.length - 1; unit++) size /= 1000;
  return `${Number(size.toPrecision(4))}${sizeUnits[unit]}`;
}
