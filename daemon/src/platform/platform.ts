import { lockFile as lockPosix } from './posix/lock-file.ts';
import { accessTo as posixAccess, makePrivate as makePosixPrivate } from './posix/private-folder.ts';
import { startOfProcess as posixStart } from './posix/process-start.ts';
import { lockFile as lockWindows } from './windows/lock-file.ts';
import { accessTo as windowsAccess, makePrivate as makeWindowsPrivate } from './windows/private-folder.ts';
import { startOfProcess as windowsStart } from './windows/process-start.ts';
import { replaceFile as replaceOnWindows } from './windows/replace-file.ts';
import { rename } from 'node:fs/promises';

/** Held until disposed or until this process ends, however it ends: the kernel keeps it, so it is never stale. */
export type FileLock = AsyncDisposable;

/** Who may use a folder. */
export interface FolderAccess {
  /** It belongs to the user of this process. */
  owned: boolean;
  /** What lets others in, in the system's words; null: nothing. */
  openBy: string | null;
  /** The command that keeps others out; null where `openBy` is. */
  fix: string | null;
}

/** What each kind of system has a way of its own for. */
export interface Platform {
  /** When the process started, as the system tells it: opaque. null: there is no such process, or it is a zombie. */
  startOfProcess(pid: number): Promise<string | null>;
  /**
   * For so long, whoever watches a process takes its number being in use for the process itself: 0 where to ask when it
   * started costs nothing.
   */
  readonly trustsPidForMs: number;
  /** Takes the lock of that name (the file is made if locks need one, and never removed); null: another process has it. */
  lockFile(file: string): Promise<FileLock | null>;
  /** Keeps others out of a folder of ours. `isNew`: it was made just now. */
  makePrivate(folder: string, options: { isNew: boolean }): Promise<void>;
  /** Rejects when the folder is not there. */
  accessTo(folder: string): Promise<FolderAccess>;
  /** Moves a file over another, at once. */
  replaceFile(from: string, to: string): Promise<void>;
}

const posix: Platform = {
  startOfProcess: posixStart,
  trustsPidForMs: 0,
  lockFile: lockPosix,
  makePrivate: makePosixPrivate,
  accessTo: posixAccess,
  replaceFile: rename,
};

/** Starting PowerShell takes a third of a second. */
const windows: Platform = {
  startOfProcess: windowsStart,
  trustsPidForMs: 5 * 60_000,
  lockFile: lockWindows,
  makePrivate: makeWindowsPrivate,
  accessTo: windowsAccess,
  replaceFile: replaceOnWindows,
};

/** The one place that chooses. */
export const platform: Platform = process.platform === 'win32' ? windows : posix;
