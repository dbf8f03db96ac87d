/** The kernel's FUSE protocol (fuse(4), include/uapi/linux/fuse.h), as far as it is spoken here: 7.31. */
export const major = 7;
export const minor = 31;

export const opcode = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  create: 35,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  readdirplus: 44,
  rename2: 45,
} as const;

/** Of FUSE_INIT. */
export const initFlag = {
  asyncRead: 1 << 0,
  bigWrites: 1 << 5,
  autoInvalidateData: 1 << 12,
  readdirplus: 1 << 13,
  readdirplusAuto: 1 << 14,
  parallelDirectoryOperations: 1 << 18,
  maxPages: 1 << 22,
} as const;

/** Which of a FUSE_SETATTR's fields count. */
export const setattrFlag = {
  mode: 1 << 0,
  uid: 1 << 1,
  gid: 1 << 2,
  size: 1 << 3,
  accessed: 1 << 4,
  modified: 1 << 5,
  handle: 1 << 6,
  accessedNow: 1 << 7,
  modifiedNow: 1 << 8,
} as const;

/** Of FUSE_GETATTR. */
export const getattrHandle = 1;
/** Of FUSE_OPEN's answer: what is cached of the file still holds. */
export const keepCache = 1 << 1;
/** Of renameat2(2). */
export const renameNoReplace = 1;

export const rootId = 1;
export const headerBytes = 40;
export const answerHeaderBytes = 16;
/** What the agent says unasked. */
export const notice = { inodeInvalid: 2, entryInvalid: 3 } as const;
/** Of FUSE_NOTIFY_INVAL_ENTRY: the name is looked up again, and nothing else happens to it. */
export const expireOnly = 1;
