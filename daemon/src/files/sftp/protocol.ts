/** SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), and the extensions of OpenSSH's that matter here. */
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
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
  /** Of later versions: what sshfs does not know becomes EIO, which a full disk is nearer to than EPERM. */
  noSpace: 14,
} as const;

/** Of SSH_FXP_OPEN. */
export const openFlag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;

/** Which attributes are there. */
export const attrFlag = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const;

export const extensions = {
  'posix-rename@openssh.com': '1',
  'statvfs@openssh.com': '2',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
} as const;
