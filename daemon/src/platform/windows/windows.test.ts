import { expect, test, vi } from 'vitest';
import { accessScript, parseAccess, parseUser, privateArguments } from './private-folder.ts';
import { parseStart, startOfProcess, startScript } from './process-start.ts';
import { replaceFile } from './replace-file.ts';

/* What Windows' programs are told and print; none of it has met a Windows. */

test('asks for the start of a process in a form that no language changes', () => {
  expect(startScript(4711)).toBe(
    '$p = Get-Process -Id 4711 -ErrorAction SilentlyContinue; ' +
      "if ($p -and -not $p.HasExited) { $p.StartTime.ToFileTimeUtc() } else { 'none' }",
  );
});

test.each([
  ['133655512345678901\r\n', '133655512345678901'],
  ['none\r\n', null],
])('%j says when a process started: %s', (printed, start) => {
  expect(parseStart(printed)).toBe(start);
});

test.each(['', 'Access is denied.\r\n', '01.02.2026 03:04:05\r\n', '133655512345678901\r\nnone\r\n'])(
  '%j is not taken for an end',
  (printed) => {
    expect(() => parseStart(printed)).toThrow(/^PowerShell does not say when a process started: /);
  },
);

test('a process number that nobody has is known without PowerShell', async () => {
  expect(await startOfProcess(2 ** 30)).toBeNull();
});

test.each([
  ['"desktop-1ab\\me","S-1-5-21-1-2-3-1001"\r\n', 'S-1-5-21-1-2-3-1001'],
  ['"büro\\jörg","S-1-12-1-4-5-6-7"\r\n', 'S-1-12-1-4-5-6-7'],
])('%j is %s', (printed, sid) => {
  expect(parseUser(printed)).toBe(sid);
});

test('a whoami.exe that says something else is no user', () => {
  expect(() => parseUser('ERROR: Access is denied.\r\n')).toThrow('whoami.exe does not say who the user is: ERROR');
});

test('a private folder is for the user and the system, by their numbers', () => {
  expect(privateArguments('D:\\berth', 'S-1-5-21-1-2-3-1001')).toEqual([
    ...['D:\\berth', '/inheritance:r', '/grant:r', '*S-1-5-21-1-2-3-1001:(OI)(CI)F'],
    ...['/grant:r', '*S-1-5-18:(OI)(CI)F', '/q'],
  ]);
});

test("a folder's name is literal in PowerShell", () => {
  expect(accessScript("C:\\it's $here")).toContain("Get-Acl -LiteralPath 'C:\\it''s $here'");
});

const me = 'S-1-5-21-1-2-3-1001';
const full = (trustee: string) => `(A;OICI;FA;;;${trustee})`;
test.each([
  [`O:${me}G:${me}D:PAI${full('SY')}${full(me)}`, { owned: true, others: [] }],
  // Made by an administrator's elevated shell.
  [`O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${me})`, { owned: true, others: [] }],
  // As a folder on D: is by default.
  [
    `O:${me}G:${me}D:AI(A;ID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIIOID;GA;;;AU)(A;OICIID;0x1200a9;;;BU)`,
    { owned: true, others: ['AU', 'BU'] },
  ],
  [`O:S-1-5-21-1-2-3-1002G:DUD:(A;;FR;;;WD)(A;OICI;FA;;;WD)`, { owned: false, others: ['WD'] }],
  // Who is refused is not let in.
  [`O:${me}G:${me}D:P(D;OICI;FA;;;BG)${full(me)}`, { owned: true, others: [] }],
])('%s', (descriptor, access) => {
  expect(parseAccess(`${me}\r\n${descriptor}\r\n`)).toEqual(access);
});

test('what is no security descriptor is nobody’s leave', () => {
  expect(() => parseAccess('Get-Acl : Zugriff verweigert\r\n')).toThrow('PowerShell does not say who may use');
});

const refusal = (code: string) => Object.assign(new Error(code), { code });

test('a file that is in use for a moment is replaced when it no longer is', async () => {
  const move = vi.fn().mockRejectedValueOnce(refusal('EPERM')).mockRejectedValueOnce(refusal('EBUSY'));
  await replaceFile('from', 'to', move.mockResolvedValue(undefined));
  expect(move).toHaveBeenCalledTimes(3);
});

test('what will not pass is told at once', async () => {
  const move = vi.fn().mockRejectedValue(refusal('ENOSPC'));
  await expect(replaceFile('from', 'to', move)).rejects.toThrow('ENOSPC');
  expect(move).toHaveBeenCalledTimes(1);
});
