export * from './browser.ts';
export * from './control-client.ts';
export * from './follow.ts';
export * from './home.ts';
export * from './page-policy.ts';
export * from './pages.ts';
