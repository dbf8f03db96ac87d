export * from './browser.ts';
export * from './control-client.ts';
export * from './follow.ts';
