import { pageHeaders, type Page } from '@berth/daemon/api';
import { pageOrigin } from './windows.ts';

/** Answers what a window asks of the app's own scheme: one of the built files, or nothing. */
export function pageResponder(pages: ReadonlyMap<string, Page>): (request: Request) => Response {
  return ({ url, method }) => {
    if (method !== 'GET' || !url.startsWith(`${pageOrigin}/`)) return new Response(null, { status: 403 });
    const name = new URL(url).pathname.slice(1) || 'index.html';
    const page = pages.get(name);
    if (!page) return new Response(null, { status: 404 });
    return new Response(new Uint8Array(page.body), { headers: { ...pageHeaders, 'Content-Type': page.type } });
  };
}
