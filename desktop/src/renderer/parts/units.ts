const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** As docker says sizes: powers of 1000, three digits. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

const steps: readonly [number, string][] = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
  [Infinity, 'year'],
];

/** How long ago that was, e.g. '3 hours ago'; '' when it is not known. */
export function agoText(date: number, now: number): string {
  if (Number.isNaN(date)) return '';
  let value = Math.max(0, Math.round((now - date) / 1000));
  for (const [size, name] of steps) {
    if (value < size) return value === 0 ? 'now' : `${value} ${name}${value === 1 ? '' : 's'} ago`;
    value = Math.floor(value / size);
  }
  return '';
}
