import type { BerthBridge } from '../../shared/ipc-contract.ts';
import type { Backend } from './backend.ts';
import { ipcBackend } from './ipc-backend.ts';
import { webBackend } from './web-backend.ts';

/** The app's preload script leaves a bridge; a browser has none. */
const { berth } = globalThis as { berth?: BerthBridge };

/** The page is in the app, which can bring a daemon up. */
export const inApp: boolean = berth !== undefined;

export const backend: Backend = berth ? ipcBackend(berth) : webBackend;
