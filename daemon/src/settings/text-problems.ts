import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import type { TextProblem } from '../api/settings.ts';
import { issuesOf } from '../config/config-error.ts';

/** Everything that is wrong with a JSON text, and where; an empty one counts as `{}`, as it does in a file. */
export function textProblems(text: string, schema: z.ZodType): TextProblem[] {
  if (text.trim() === '') return [];
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const place = placesIn(text);
  // What follows from the first mistake is noise.
  const [first] = errors;
  if (first) return [place(first.offset, first.length, wordsOf(printParseErrorCode(first.error)))];
  const value = parsed(text);
  if (!tree || value === undefined) return [place(0, text.length, 'not valid JSON')];
  const result = schema.safeParse(value);
  if (result.success) return [];
  return issuesOf(result.error, value).map(({ path, message }) => {
    const { offset, length } = nodeAt(tree, path);
    return place(offset, length, message);
  });
}

/** undefined: JSON.parse, which reads the file in the end, is stricter still. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value at the path; for a key that should not be there the key itself, else what comes nearest. */
function nodeAt(tree: Node, path: readonly PropertyKey[]): Node {
  for (let end = path.length; end > 0; end--) {
    const node = findNodeAtLocation(tree, path.slice(0, end) as (string | number)[]);
    const key = node?.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    if (node) return end === path.length && path.length > 1 ? node : (key ?? node);
  }
  return tree;
}

/** `PropertyNameExpected` as people say it. */
function wordsOf(code: string): string {
  return code.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}

function placesIn(text: string) {
  return (offset: number, length: number, message: string): TextProblem => {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return { line, column: offset - before.lastIndexOf('\n'), offset, length, message };
  };
}
