import { SystemError } from '../../api/index.ts';
import type { OciUser } from './oci.ts';

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

/** Contents of the container's own /etc/passwd and /etc/group; '' where there is none. */
export interface AccountFiles {
  passwd: string;
  group: string;
}

const maxId = 2 ** 31 - 1;

/**
 * Config.User: '', 'user', 'uid', 'user:group' and mixtures, looked up in the container's files as libcontainer's
 * user package does. `additional` are --group-add names or ids.
 */
export function resolveUser(spec: string, additional: readonly string[], files: AccountFiles): OciUser {
  const [userPart = '', groupPart = ''] = splitOnce(spec, ':');
  const users = parsePasswd(files.passwd);
  const groups = parseGroup(files.group);
  const user = findUser(userPart, users);
  const gid = groupPart === '' ? user.gid : findGroup(groupPart, groups);
  const supplementary =
    groupPart === '' ? groups.filter((group) => group.members.includes(user.name)).map((group) => group.gid) : [];
  const extra = additional.map((name) => findAdditionalGroup(name, groups));
  return { uid: user.uid, gid, additionalGids: [...new Set([gid, ...supplementary, ...extra])] };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function findUser(wanted: string, users: PasswdEntry[]): PasswdEntry {
  const isNumber = /^\d+$/.test(wanted);
  if (wanted === '') return users.find((user) => user.uid === 0) ?? { name: '', uid: 0, gid: 0 };
  const found = users.find((user) => user.name === wanted || (isNumber && String(user.uid) === wanted));
  if (found) return found;
  refuseNegative(wanted);
  if (!isNumber) throw new SystemError(`unable to find user ${wanted}: no matching entries in passwd file`);
  return { name: '', uid: idWithin(wanted), gid: 0 };
}

function findGroup(wanted: string, groups: GroupEntry[]): number {
  const isNumber = /^\d+$/.test(wanted);
  const found = groups.find((group) => group.name === wanted || (isNumber && String(group.gid) === wanted));
  if (found) return found.gid;
  refuseNegative(wanted);
  if (!isNumber) throw new SystemError(`unable to find group ${wanted}: no matching entries in group file`);
  return idWithin(wanted);
}

function findAdditionalGroup(wanted: string, groups: GroupEntry[]): number {
  const found = groups.find((group) => group.name === wanted);
  if (found) return found.gid;
  if (/^\d+$/.test(wanted)) return idWithin(wanted);
  refuseNegative(wanted);
  throw new SystemError(`unable to find group ${wanted}: no matching entries in group file`);
}

const outOfRange = () => new SystemError('uids and gids must be in range 0-2147483647');

function idWithin(text: string): number {
  const id = Number(text);
  if (id > maxId) throw outOfRange();
  return id;
}

function refuseNegative(text: string): void {
  if (/^-\d+$/.test(text)) throw outOfRange();
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

function parsePasswd(text: string): PasswdEntry[] {
  return lines(text).map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid ?? 0) || 0, gid: Number(gid ?? 0) || 0 };
  });
}

function parseGroup(text: string): GroupEntry[] {
  return lines(text).map((line) => {
    const [name = '', , gid, members = ''] = line.split(':');
    return { name, gid: Number(gid ?? 0) || 0, members: members.split(',').filter((member) => member !== '') };
  });
}
