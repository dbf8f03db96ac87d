import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import {
  type Attributes,
  largestTransferBytes,
  openFlag,
  type PacketReader,
  requestType,
  status,
} from '@berth/guest-agent/sftp';
import type { OpenOptions, SharedFolder } from '../shared-folder.ts';
import type { SharedFolderListing } from '../shared-folder-listing.ts';
import type { Answers } from './answer.ts';
import { BadHandleError, type Handles } from './handles.ts';

/** What one request is answered from. */
export interface Asked {
  folder: SharedFolder;
  handles: Handles;
  fields: PacketReader;
  answer: Answers;
}

type Handler = (asked: Asked) => Promise<Buffer>;

const listedAtOnce = 128;
const defaultFileMode = 0o666;
const defaultFolderMode = 0o777;

export const handlers: Readonly<Record<number, Handler>> = {
  [requestType.open]: openFile,
  [requestType.close]: done(({ handles, fields }) => handles.close(fields.bytes())),
  [requestType.read]: read,
  [requestType.write]: done(write),
  [requestType.lstat]: attributesOfPath,
  [requestType.stat]: attributesOfPath,
  [requestType.fstat]: async ({ folder, handles, fields, answer }) =>
    answer.attributes(await folder.attributesOf(await fileOf(handles, fields.bytes()))),
  [requestType.setstat]: done(({ folder, fields }) => folder.change(fields.text(), fields.attributes())),
  [requestType.fsetstat]: done(changeOpen),
  [requestType.opendir]: async ({ handles, fields, answer }) => answer.handle(await handles.openFolder(fields.text())),
  [requestType.readdir]: async ({ handles, fields, answer }) =>
    answer.names(await (await listingOf(handles, fields.bytes())).next(listedAtOnce)),
  [requestType.remove]: done(({ folder, fields }) => folder.remove(fields.text())),
  [requestType.mkdir]: done(({ folder, fields }) => {
    const path = fields.text();
    return folder.makeFolder(path, fields.attributes().permissions ?? defaultFolderMode);
  }),
  [requestType.rmdir]: done(({ folder, fields }) => folder.removeFolder(fields.text())),
  [requestType.realpath]: async ({ fields, answer }) =>
    answer.names([{ name: absolute(fields.text()), attributes: {} }]),
  [requestType.rename]: done(({ folder, fields }) => folder.rename(fields.text(), fields.text(), { replace: false })),
  [requestType.readlink]: async ({ folder, fields, answer }) =>
    answer.names([{ name: await folder.readlink(fields.text()), attributes: {} }]),
  // OpenSSH has the two the other way round than the draft, and so has everybody since.
  [requestType.symlink]: done(({ folder, fields }) => folder.symlink(fields.text(), fields.text())),
  [requestType.extended]: extended,
};

const extendedHandlers: Readonly<Record<string, Handler>> = {
  'open-file@berth': openAndTell,
  'posix-rename@openssh.com': done(({ folder, fields }) =>
    folder.rename(fields.text(), fields.text(), { replace: true }),
  ),
  'hardlink@openssh.com': done(({ folder, fields }) => folder.link(fields.text(), fields.text())),
  'fsync@openssh.com': done(async ({ handles, fields }) => (await fileOf(handles, fields.bytes())).sync()),
  'statvfs@openssh.com': async ({ folder, fields, answer }) => answer.space(await folder.space(fields.text())),
};

async function extended(asked: Asked): Promise<Buffer> {
  const handler = extendedHandlers[asked.fields.text()];
  return handler ? await handler(asked) : asked.answer.status(status.unsupported, 'no such extension');
}

/** Most requests are answered with a bare status. */
function done(act: (asked: Asked) => Promise<unknown>): Handler {
  return async (asked) => {
    await act(asked);
    return asked.answer.status(status.ok);
  };
}

async function openFile(asked: Asked): Promise<Buffer> {
  const { path, options } = openingOf(asked.fields);
  return asked.answer.handle((await asked.handles.openFile(path, options)).handle);
}

async function openAndTell({ folder, handles, fields, answer }: Asked): Promise<Buffer> {
  const { path, options } = openingOf(fields);
  const { handle, file } = await handles.openFile(path, options);
  const attributes = await folder.attributesOf(file, path);
  return answer.opened({ handle, attributes, content: await contentOf(file, attributes, fields.uint32()) });
}

/** All that is in a file that is not larger than `most`; otherwise nothing. */
async function contentOf(file: FileHandle, { permissions = 0, size = 0 }: Attributes, most: number): Promise<Buffer> {
  const isFile = (permissions & constants.S_IFMT) === constants.S_IFREG;
  if (!isFile || size === 0 || size > Math.min(most, largestTransferBytes)) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), { position: 0 });
  return buffer.subarray(0, bytesRead);
}

function openingOf(fields: PacketReader): { path: string; options: OpenOptions } {
  const path = fields.text();
  const flags = fields.uint32();
  const has = (flag: number) => (flags & flag) !== 0;
  const options = {
    read: has(openFlag.read),
    write: has(openFlag.write) || has(openFlag.append),
    append: has(openFlag.append),
    create: has(openFlag.create),
    truncate: has(openFlag.truncate),
    exclusive: has(openFlag.exclusive),
    mode: fields.attributes().permissions ?? defaultFileMode,
  };
  return { path, options };
}

async function read({ handles, fields, answer }: Asked): Promise<Buffer> {
  const [handle, offset, wanted] = [fields.bytes(), fields.uint64(), fields.uint32()];
  const buffer = Buffer.allocUnsafe(Math.min(wanted, largestTransferBytes));
  const file = await fileOf(handles, handle);
  const { bytesRead } = await file.read(buffer, { position: offset });
  return answer.data(buffer.subarray(0, bytesRead));
}

async function write({ folder, handles, fields }: Asked): Promise<void> {
  const [handle, offset, data] = [fields.bytes(), fields.uint64(), fields.bytes()];
  await folder.write(await fileOf(handles, handle), data, offset);
}

async function attributesOfPath({ folder, fields, answer }: Asked): Promise<Buffer> {
  return answer.attributes(await folder.attributes(fields.text()));
}

async function changeOpen({ folder, handles, fields }: Asked): Promise<void> {
  const file = await fileOf(handles, fields.bytes());
  await folder.changeOpen(file, fields.attributes());
}

async function fileOf(handles: Handles, handle: Buffer): Promise<FileHandle> {
  const opened = await handles.opened(handle);
  if (opened.kind !== 'file') throw new BadHandleError('the handle is a folder’s');
  return opened.file;
}

async function listingOf(handles: Handles, handle: Buffer): Promise<SharedFolderListing> {
  const opened = await handles.opened(handle);
  if (opened.kind !== 'folder') throw new BadHandleError('the handle is a file’s');
  return opened.listing;
}

const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path === '.' ? '' : path}`);
