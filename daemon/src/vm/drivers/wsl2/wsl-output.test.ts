import { expect, test } from 'vitest';
import { decodeWslOutput, errorCodeIn, parseNames, parseWslVersion } from './wsl-output.ts';

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

test.each([
  ['UTF-16', utf16('berth\r\nUbuntu\r\n'), 'berth\nUbuntu\n'],
  ['UTF-16 with a mark', utf16('\uFEFFberth\r\n'), 'berth\n'],
  ['UTF-8', Buffer.from('berth\r\n'), 'berth\n'],
  ['another language', utf16('不存在具有所提供名称的分发。\r\n'), '不存在具有所提供名称的分发。\n'],
  ['nothing', Buffer.alloc(0), ''],
])('%s is read', (_name, bytes, text) => {
  expect(decodeWslOutput(bytes)).toBe(text);
});

test('names of distributions are what the list has, one a line', () => {
  expect(parseNames('Ubuntu-24.04\n\n  berth-1a2b3c \n')).toEqual(['Ubuntu-24.04', 'berth-1a2b3c']);
});

test.each([
  ['WSL version: 2.1.5.0\nKernel version: 5.15.146.1-2\n', { major: 2, minor: 1, patch: 5 }],
  ['WSL 版本： 2.6.1.0\n内核版本： 6.6.87.2-1\n', { major: 2, minor: 6, patch: 1 }],
  ['WSL-Version: 1.0.3.0\nKernelversion: 5.15.79.1\n', { major: 1, minor: 0, patch: 3 }],
  ['Invalid command line option: --version\n', null],
])('the version in %j', (output, version) => {
  expect(parseWslVersion(output)).toEqual(version);
});

test.each([
  [
    'There is no distribution with the supplied name.\nError code: Wsl/Service/WSL_E_DISTRO_NOT_FOUND\n',
    'WSL_E_DISTRO_NOT_FOUND',
  ],
  ['Ya existe una distribución con el nombre proporcionado.\nError code: Wsl/Service/0x800700b7', '0x800700b7'],
  ['错误代码: Wsl/Service/RegisterDistro/CreateVm/HCS/HCS_E_HYPERV_NOT_INSTALLED\n', 'HCS_E_HYPERV_NOT_INSTALLED'],
  ['something else', null],
])('the code in %j', (output, code) => {
  expect(errorCodeIn(output)).toBe(code);
});
