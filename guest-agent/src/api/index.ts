export * from './errors.ts';
export * from './version.ts';
export * from './engine-config.ts';
export * from './guest/protocol.ts';
export * from './link/datagrams.ts';
export * from './link/mux.ts';
export * from './link/target.ts';
export * from './node-flags.ts';
