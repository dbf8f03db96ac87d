import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Architecture, architectures } from '../../architecture.ts';
import { option } from './args/option.ts';
import { commandLine } from './command-line.ts';
import { qemuFiles, tooLongSocketPath } from './files.ts';
import { type AcceleratorName, hardwareAccelerators, profileOf } from './profile.ts';
import { type QemuVersion, parseVersion } from './qemu-program.ts';
import { isSignedForHypervisor, signingCommand } from './signature.ts';
import { versionProblem } from './version-floor.ts';

const image = {
  ...{ kernel: '/i/vmlinux', initramfs: '/i/initramfs.cpio', root: '/i/root.img', agent: '/i/agent.img' },
  emulator: '/i/emulator.img',
};
const version = (text: string): QemuVersion => parseVersion(`QEMU emulator version ${text}`) as QemuVersion;
interface Line {
  qemu?: string;
  builder?: string;
  guest?: Architecture;
}

const lineFor = (accelerator: AcceleratorName, { qemu = '9.2.0', builder, guest = 'amd64' }: Line = {}) =>
  commandLine({
    profile: profileOf({ accelerator, guest, version: version(qemu) }),
    image: { ...image, builder: builder ?? null, dataVersion: 1 },
    files: qemuFiles('/m'),
    uuid: 'u-u-i-d',
    spec: { cpus: 3, memoryMiB: 768 },
    folders: [],
  });
const valueOf = (args: readonly string[], name: string) => args[args.indexOf(name) + 1];

test.each<{ accelerator: AcceleratorName; guest?: Architecture; qemu: string; accel: string; cpu: string }>([
  { accelerator: 'kvm', qemu: '7.2.22', accel: 'kvm', cpu: 'host' },
  { accelerator: 'hvf', qemu: '9.2.0', accel: 'hvf', cpu: 'host,-avx512vl,-pdpe1gb' },
  { accelerator: 'whpx', qemu: '10.0.2', accel: 'whpx,kernel-irqchip=off', cpu: 'qemu64' },
  { accelerator: 'whpx', qemu: '11.0.0', accel: 'whpx', cpu: 'qemu64' },
  { accelerator: 'tcg', qemu: '7.2.22', accel: 'tcg,thread=single,tb-size=512', cpu: 'max,-cx16' },
  { accelerator: 'tcg', qemu: '8.0.5', accel: 'tcg,thread=single,tb-size=512', cpu: 'max' },
  { accelerator: 'tcg', qemu: '8.1.0', accel: 'tcg,thread=multi,tb-size=512', cpu: 'max' },
  { accelerator: 'tcg', qemu: '10.0.2', accel: 'tcg,thread=multi,tb-size=512', cpu: 'max' },
  { accelerator: 'kvm', guest: 'arm64', qemu: '7.2.22', accel: 'kvm', cpu: 'host' },
  { accelerator: 'hvf', guest: 'arm64', qemu: '9.2.0', accel: 'hvf', cpu: 'host' },
  { accelerator: 'tcg', guest: 'arm64', qemu: '7.2.22', accel: 'tcg,thread=single,tb-size=512', cpu: 'cortex-a76' },
  { accelerator: 'tcg', guest: 'arm64', qemu: '9.2.0', accel: 'tcg,thread=multi,tb-size=512', cpu: 'cortex-a76' },
])(
  '$accelerator with QEMU $qemu runs $guest as -accel $accel -cpu $cpu',
  ({ accelerator, guest, qemu, accel, cpu }) => {
    const args = lineFor(accelerator, { qemu, ...(guest && { guest }) });
    expect(valueOf(args, '-accel')).toBe(accel);
    expect(valueOf(args, '-cpu')).toBe(cpu);
  },
);

test.each([
  ['9.2.3', true, 'max'],
  ['9.2.3', false, 'host'],
  ['10.0.0', true, 'host'],
])('QEMU %s on Apple silicon with the matrix extension (%s) runs -cpu %s', (qemu, hasSme, cpu) => {
  expect(profileOf({ accelerator: 'hvf', guest: 'arm64', version: version(qemu), hasSme }).cpu).toBe(cpu);
});

test.each([
  [{ platform: 'darwin', architecture: 'arm64' }, '8.2.0', /QEMU 8.2.0 is too old for macOS on arm64.*8.2.1 or newer/],
  [{ platform: 'darwin', architecture: 'arm64' }, '8.2.1', null],
  [{ platform: 'darwin', architecture: 'amd64' }, '6.2.0', /too old for macOS on amd64.*7.0.0/],
  [{ platform: 'darwin', architecture: 'amd64' }, '7.0.0', null],
  [{ platform: 'win32', architecture: 'amd64' }, '10.2.0', /too old for Windows on amd64.*11.0.0/],
  [{ platform: 'win32', architecture: 'amd64' }, '11.0.0', null],
  [{ platform: 'linux', architecture: 'amd64' }, '7.1.9', /too old for Linux on amd64.*7.2.0/],
  [{ platform: 'linux', architecture: 'arm64' }, '7.2.0', null],
] as const)('on %j QEMU %s is judged', (host, text, problem) => {
  const said = versionProblem({ file: 'qemu', version: version(text) }, host);
  if (problem === null) expect(said).toBeNull();
  else expect(said).toMatch(problem);
});

test('a QEMU is signed for the hypervisor when the entitlement is there and true', () => {
  const printed = (value: string) =>
    `Executable=/q\n<plist><dict><key>com.apple.security.hypervisor</key>\n<${value}/></dict></plist>`;
  expect(isSignedForHypervisor(printed('true'))).toBe(true);
  expect(isSignedForHypervisor(printed('false'))).toBe(false);
  expect(isSignedForHypervisor('/q: code object is not signed at all')).toBe(false);
  const file = /--entitlements '(.*)' '\/q'$/.exec(signingCommand('/q'))?.[1] ?? '';
  expect(isSignedForHypervisor(readFileSync(file, 'utf8'))).toBe(true);
});

test('the machine has the size asked for and ends instead of starting over', () => {
  const args = lineFor('kvm');
  expect(valueOf(args, '-smp')).toBe('3');
  expect(valueOf(args, '-m')).toBe('768');
  expect(args).toContain('-no-reboot');
  expect(valueOf(args, '-append')).toContain('panic=-1');
});

test('protections against speculation are off only where nothing speculates', () => {
  expect(valueOf(lineFor('tcg'), '-append')).toContain('mitigations=off');
  expect(valueOf(lineFor('kvm'), '-append')).not.toContain('mitigations');
});

test('disks are told apart by serial, and only the data disk can be written', () => {
  const args = lineFor('kvm');
  const drives = args.filter((arg) => arg.includes('if=none'));
  expect(drives.map((drive) => drive.includes('readonly=on'))).toEqual([true, true, true, false]);
  expect(drives[3]).toBe('if=none,id=data,format=raw,file=/m/data.raw,discard=unmap,detect-zeroes=unmap');
  const serials = args.filter((arg) => arg.startsWith('virtio-blk-pci')).map((arg) => arg.split('serial=')[1]);
  expect(serials).toEqual(['berth-root', 'berth-agent', 'berth-emulator', 'berth-data']);
});

test('BuildKit has a disk where the image has one', () => {
  const args = lineFor('kvm', { builder: '/i/builder.img' });
  expect(args).toContain('if=none,id=builder,format=raw,file=/i/builder.img,readonly=on');
  expect(args).toContain('virtio-blk-pci,drive=builder,serial=berth-builder');
});

test('no port of the host leads into the guest: the link is a socket file', () => {
  const args = lineFor('kvm');
  expect(args.join(' ')).not.toContain('hostfwd');
  expect(args).toContain('socket,id=link,path=/m/link.sock,server=on,wait=off');
  expect(args).toContain('virtserialport,chardev=link,name=berth.link');
});

test('the engine configuration is passed by file, not on the command line', () => {
  expect(lineFor('kvm')).toContain('name=opt/berth/agent.json,file=/m/agent.json');
});

test('commas in paths do not end an option', () => {
  expect(option('file', { path: '/a,b/c' })).toBe('file,path=/a,,b/c');
  expect(option('', { id: 'x', size: undefined })).toBe('id=x');
});

test.each([
  ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)', { major: 7, minor: 2, micro: 22, text: '7.2.22' }],
  ['QEMU emulator version 10.0.2', { major: 10, minor: 0, micro: 2, text: '10.0.2' }],
  ['something else', null],
])('%s', (output, expected) => {
  expect(parseVersion(output)).toEqual(expected);
});

test.each([
  [{ platform: 'linux', architecture: 'amd64' }, 'amd64', ['kvm']],
  [{ platform: 'linux', architecture: 'amd64' }, 'arm64', []],
  [{ platform: 'linux', architecture: null }, 'amd64', []],
  [{ platform: 'darwin', architecture: 'arm64' }, 'arm64', ['hvf']],
  [{ platform: 'darwin', architecture: 'arm64' }, 'amd64', []],
  [{ platform: 'darwin', architecture: 'amd64' }, 'amd64', ['hvf']],
  [{ platform: 'win32', architecture: 'amd64' }, 'amd64', ['whpx']],
  [{ platform: 'aix', architecture: 'amd64' }, 'amd64', []],
] as const)('hardware of %j may run %s by %j', (host, guest, accelerators) => {
  expect(hardwareAccelerators(host, guest)).toEqual(accelerators);
});

test.each(architectures)('%s has a board and the console that goes with it', (guest) => {
  const args = lineFor('tcg', { guest });
  const [board, port] =
    guest === 'amd64' ? ['q35,smm=off,vmport=off,i8042=off,usb=off', 'ttyS0'] : ['virt,gic-version=3', 'ttyAMA0'];
  expect(valueOf(args, '-machine')).toBe(board);
  expect(valueOf(args, '-append')).toContain(`console=${port} `);
});

test('a socket path that the system cannot take is found before QEMU fails on it', () => {
  expect(tooLongSocketPath(qemuFiles('/short'))).toBeNull();
  expect(tooLongSocketPath(qemuFiles(`/${'x'.repeat(100)}`))).toBe(`/${'x'.repeat(100)}/link.sock`);
});
