/* What pages in a browser may use: everything but the client, which needs Node.js. */
export * from './engine.ts';
export * from './findings.ts';
export * from './operations.ts';
export * from './settings.ts';
export * from './status.ts';
export * from './streams.ts';
