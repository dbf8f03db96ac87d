import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface Page {
  type: string;
  body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The dashboard's files by their path, all of them in memory: nothing a browser asks for becomes a path on disk. */
export async function readPages(dir: string): Promise<ReadonlyMap<string, Page>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`the dashboard's pages are not in ${dir}: \`npm run build\` makes them`, { cause });
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, Page]> => {
        const name = path.relative(dir, file).split(path.sep).join('/');
        return [name, { type: types[path.extname(file)] ?? 'application/octet-stream', body: await readFile(file) }];
      }),
    ),
  );
}
