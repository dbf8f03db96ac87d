/**
 * SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), and the extensions of OpenSSH's that matter here.
 * Some things are berth's own, because both ends are: times are in nanoseconds, files have an identity, and the server
 * says of which it tells changes, with attribute flags of their own; an error of the host's system is told by its name.
 */
export const protocolVersion = 3;

export const requestType = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  extended: 200,
} as const;

export const answerType = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 201,
} as const;

export const status = {
  ok: 0,
  eof: 1,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
  /** The message is the error's name as POSIX has it: 'ENOSPC'. */
  system: 0x1000,
  /** The handle is none, or of a listing that began with an earlier server. */
  badHandle: 0x1001,
} as const;

/** Of SSH_FXP_OPEN. */
export const openFlag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;

/** Which attributes are there. */
export const attrFlag = { size: 1, owner: 2, permissions: 4, times: 0x100, identity: 0x200, watched: 0x400 } as const;

/** The most that one request reads or writes. */
export const largestTransferBytes = 1024 * 1024;

export const extensions = {
  'posix-rename@openssh.com': '1',
  'statvfs@openssh.com': '2',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  /**
   * SSH_FXP_OPEN's fields and how large a file may be whose content is to come along; answered with the handle, the
   * attributes and the content, which is empty where the file is larger. Opening small files is what programs do most.
   */
  'open-file@berth': '1',
} as const;
