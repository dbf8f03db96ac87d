export * from './errors.ts';
export * from './version.ts';
export * from './engine-config.ts';
export * from './guest/protocol.ts';
export * from './link/handshake.ts';
export * from './link/read-line.ts';
