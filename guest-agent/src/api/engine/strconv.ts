const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Go's strconv.ParseBool; null where it is none (see {@link syntaxError}). */
export function parseBool(text: string): boolean | null {
  if (truths.has(text)) return true;
  return falsehoods.has(text) ? false : null;
}

/** Go's strconv.Atoi; null where it is none. */
export const parseInteger = (text: string): number | null => (/^[+-]?\d+$/.test(text) ? Number(text) : null);

/** What Go says of a text that is not of the kind asked for. */
export const syntaxError = (parser: 'ParseBool' | 'Atoi', text: string): string =>
  `strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`;
