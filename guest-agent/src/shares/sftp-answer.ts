import { answerType, type PacketReader, requestType, status } from '../api/sftp/index.ts';

/** A server's answer: its type, and a reader behind the request's id. */
export interface SftpAnswer {
  type: number;
  fields: PacketReader;
}

/** The host's system refuses; `code` is the error's name. */
export class HostFileError extends Error {
  override readonly name = 'HostFileError';
  readonly code: string;

  constructor(code: string) {
    super(`the host answers ${code}`);
    this.code = code;
  }
}

/** There is no more of it. */
export class EndError extends Error {
  override readonly name = 'EndError';
  readonly code = 'EIO';
}

const codeOfStatus: Readonly<Record<number, string>> = {
  [status.unsupported]: 'EOPNOTSUPP',
  [status.badHandle]: 'EBADF',
};

const removing: readonly number[] = [requestType.remove, requestType.rmdir];
const making: readonly number[] = [requestType.mkdir, requestType.symlink];

/** The answer as it is, or throws what it says went wrong. */
export function answerTo({ type, isRepeated }: { type: number; isRepeated: boolean }, answer: SftpAnswer): SftpAnswer {
  if (answer.type !== answerType.status) return answer;
  const code = answer.fields.uint32();
  if (code === status.ok) return answer;
  if (code === status.eof) throw new EndError('there is no more');
  const name = code === status.system ? answer.fields.text() : (codeOfStatus[code] ?? 'EIO');
  if (isRepeated && isDoneAlready(type, name)) return answer;
  throw new HostFileError(name);
}

/** The server before this one did it, and went before it said so. */
function isDoneAlready(type: number, name: string): boolean {
  return (name === 'ENOENT' && removing.includes(type)) || (name === 'EEXIST' && making.includes(type));
}
