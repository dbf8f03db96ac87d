import path from 'node:path';

/** As Go's filepath.Base has it: './' and '/./', too. */
const meansFolder = (text: string): boolean => /(?:^|\/)\.\/*$/.test(text);

/**
 * A client's path as Docker reads it: absolute, without '..' (taken off as text, before any link is followed), and
 * with the '/' or '/.' at its end that says "what is in there".
 */
export function cleanPath(asked: string): string {
  const cleaned = path.posix.join('/', asked).replace(/(?!^)\/$/, '');
  if (meansFolder(asked)) return cleaned === '/' ? '/.' : `${cleaned}/.`;
  return asked.endsWith('/') && cleaned !== '/' ? `${cleaned}/` : cleaned;
}

/** Last part, as Go's filepath.Base: '/' for the root, '.' for '/d/.'. */
export function baseName(cleaned: string): string {
  return cleaned.replace(/\/+$/, '').split('/').at(-1) || '/';
}
