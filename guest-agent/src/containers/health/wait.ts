import { setTimeout as sleep } from 'node:timers/promises';
import type { Wait } from './health-monitor.ts';

/** The real clock; it does not keep the process alive. */
export const waitFor: Wait = (ms, signal) => sleep(ms, true, { signal, ref: false }).catch(() => false);
