export * from './status.ts';
export * from './control-client.ts';
