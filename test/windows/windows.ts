/**
 * Makes a Node.js on Linux take itself for one on Windows, as far as berth can tell: `node --import windows.ts …`. Named
 * pipes become abstract sockets, which are like them: a name has one server at a time, no file, and ends with its process.
 * The programs of Windows that berth calls are beside this file.
 */
import net from 'node:net';
import path from 'node:path';

const prefix = '//./pipe/';
const standIn = (address: string) => `\0berth-windows/${address.slice(prefix.length)}`;

interface WithPath {
  path?: string;
}

/** The first argument of listen() and connect(), which Node itself may have put into lists of its own. */
function translated(argument: unknown): unknown {
  if (Array.isArray(argument)) {
    argument[0] = translated(argument[0]);
    return argument;
  }
  if (typeof argument === 'string') return argument.startsWith(prefix) ? standIn(argument) : argument;
  const { path: address } = (argument ?? {}) as WithPath;
  return address?.startsWith(prefix) ? { ...(argument as WithPath), path: standIn(address) } : argument;
}

function translateFirst(owner: object, name: string): void {
  const methods = owner as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[name]!;
  methods[name] = function (this: unknown, first: unknown, ...rest: unknown[]) {
    return original.call(this, translated(first), ...rest);
  };
}

translateFirst(net.Server.prototype, 'listen');
translateFirst(net.Socket.prototype, 'connect');
process.env['PATH'] = `${import.meta.dirname}:${path.resolve(import.meta.dirname, '../wsl')}:${process.env['PATH']}`;
delete process.env['SHELL'];
process.env['TEMP'] = '/tmp';
Object.defineProperty(process, 'platform', { value: 'win32' });
