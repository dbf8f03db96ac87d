/** `driver,key=value,…` as QEMU reads it: commas in values are doubled, `undefined` leaves a key out. */
export function option(driver: string, values: Record<string, string | number | undefined> = {}): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined);
  return [driver, ...pairs.map(([key, value]) => `${key}=${String(value).replaceAll(',', ',,')}`)]
    .filter((part) => part !== '')
    .join(',');
}
