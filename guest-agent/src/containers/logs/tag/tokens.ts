import { SystemError } from '../../../api/index.ts';

export interface Token {
  kind: 'field' | 'word' | 'string' | 'number' | '|' | '(' | ')';
  text: string;
  /** Offset in the template. */
  at: number;
}

export type Part = { text: string } | { tokens: Token[]; at: number };

const blank = /\s/;
const pattern = /\s+|(\.\w*(?:\.\w+)*)|([A-Za-z_]\w*)|("(?:[^"\\\n]|\\.)*"|`[^`]*`)|([+-]?\d+)|([|()])/gy;

/** Cuts a template into plain text and the tokens of its {{actions}}; comments and trimmed blanks are gone. */
export function splitTemplate(name: string, template: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = template.indexOf('{{', at);
    const text = template.slice(at, open === -1 ? undefined : open);
    const trimsBefore = open !== -1 && template[open + 2] === '-' && blank.test(template[open + 3] ?? '');
    const front = trimNext ? text.trimStart() : text;
    parts.push({ text: trimsBefore ? front.trimEnd() : front });
    if (open === -1) return parts;
    const close = template.indexOf('}}', open + 2);
    if (close === -1) throw new SystemError(`template: ${name}:1: unclosed action`);
    trimNext = template[close - 1] === '-' && blank.test(template[close - 2] ?? '');
    const [from, to] = [open + (trimsBefore ? 3 : 2), trimNext ? close - 1 : close];
    const isComment = template.slice(from, to).trim().startsWith('/*');
    if (!isComment) parts.push({ tokens: tokens(name, template.slice(0, to), from), at: from });
    at = close + 2;
  }
}

const kinds: readonly Token['kind'][] = ['field', 'word', 'string', 'number'];

function tokens(name: string, text: string, from: number): Token[] {
  const found: Token[] = [];
  pattern.lastIndex = from;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new SystemError(`template: ${name}:1: unexpected ${JSON.stringify(text[at])} in operand`);
    const group = match.slice(1).findIndex((value) => value !== undefined);
    if (group === -1) continue;
    found.push({ kind: kinds[group] ?? (match[0] as Token['kind']), text: match[0], at });
  }
  return found;
}
