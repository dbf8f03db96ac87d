export * from './errors.ts';
export * from './version.ts';
export * from './guest/protocol.ts';
