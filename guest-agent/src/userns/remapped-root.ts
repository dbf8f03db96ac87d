import { InvalidParameterError } from '../api/index.ts';
import { lookUpAccount, type Account, type Lookup } from './accounts.ts';
import { addUser } from './add-user.ts';
import { IdMapping, type IdRange } from './id-mapping.ts';
import { mappedRanges, readSubIds, type SubIds } from './sub-ids.ts';

/** The machine's accounts, as far as a mapping comes from them. */
export interface AccountHost {
  lookUp: Lookup;
  addUser(name: string): Promise<void>;
  readSubIds(file: string): Promise<SubIds[]>;
}

const thisMachine: AccountHost = { lookUp: lookUpAccount, addUser, readSubIds };

const byDefault = 'default';
const defaultUser = 'dockremap';

/**
 * daemon.json's userns-remap: 'default', 'user', 'user:group', or numbers in their place. null: containers have the
 * machine's own ids ('' and root). InvalidParameterError in dockerd's words.
 */
export async function remappedRoot(text: string, host: AccountHost = thisMachine): Promise<IdMapping | null> {
  if (text === '') return null;
  try {
    const user = await userOf(text, host);
    if (user.name === 'root') return null;
    return await mappingOf(user, host);
  } catch (error) {
    throw new InvalidParameterError((error as Error).message, { cause: error });
  }
}

/** The group has to exist, but the mapping is the user's. */
async function userOf(text: string, host: AccountHost): Promise<Account> {
  const [userPart = '', groupPart, ...more] = text.split(':');
  if (more.length > 0) throw new Error(`Invalid user/group specification in --userns-remap: ${JSON.stringify(text)}`);
  const user = isNumber(userPart)
    ? await explained(host.lookUp('passwd', userPart), `Uid ${userPart} has no entry in /etc/passwd`)
    : await namedUser(userPart, host);
  const group = groupPart ?? (isNumber(userPart) ? userPart : user.name);
  const file = groupPart === undefined ? '/etc/group' : '/etc/passwd';
  const kind = groupPart === undefined ? 'gid' : 'groupname';
  const failure = isNumber(group)
    ? `Gid ${group} has no entry in ${file}`
    : `Error during ${kind} lookup for ${JSON.stringify(group)}`;
  await explained(host.lookUp('group', group), failure);
  return user;
}

const isNumber = (text: string): boolean => /^[+-]?\d+$/.test(text);

async function explained<T>(work: Promise<T>, failure: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${failure}: ${(error as Error).message}`, { cause: error });
  }
}

/** 'default' is a user of Docker's own, made at its first use. */
async function namedUser(text: string, host: AccountHost): Promise<Account> {
  const name = text === byDefault ? defaultUser : text;
  const found = await host.lookUp('passwd', name).catch((error: Error) => error);
  if (!(found instanceof Error)) return found;
  if (text !== byDefault) throw new Error(`Error during uid lookup for ${JSON.stringify(name)}: ${found.message}`);
  await explained(host.addUser(name), `Error during ${JSON.stringify(name)} user creation`);
  return await host.lookUp('passwd', name);
}

async function mappingOf(user: Account, host: AccountHost): Promise<IdMapping> {
  const ranges = async (file: string): Promise<IdRange[]> => {
    const found = mappedRanges(await host.readSubIds(file), user);
    if (found.length > 0) return found;
    throw new Error(`no subuid ranges found for user ${JSON.stringify(user.name)}`);
  };
  const mapping = async () => new IdMapping(await ranges('/etc/subuid'), await ranges('/etc/subgid'));
  return await explained(mapping(), "Can't create ID mappings");
}
