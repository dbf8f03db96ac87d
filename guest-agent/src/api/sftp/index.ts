export * from './packets.ts';
export * from './protocol.ts';
export * from './wire.ts';
