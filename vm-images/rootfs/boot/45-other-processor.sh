# Programs of the other processor run by QEMU's user-mode emulator, which has a disk of its own. The kernel opens it now
# (F), so that it is found from inside any container; argv[0] (P) and the rights of setuid programs (C) are kept.
emulators=/usr/lib/berth/emulator
modprobe binfmt_misc
mount -t binfmt_misc -o nosuid,nodev,noexec binfmt_misc /proc/sys/fs/binfmt_misc
programs_of() {
  [ ! -x "$emulators/qemu-$1" ] || printf '%s' ":qemu-$1:M::$2:$3:$emulators/qemu-$1:POCF" >/proc/sys/fs/binfmt_misc/register
}
# The first 20 bytes of an ELF file: class, order and system, then its type (2 or 3) and machine.
programs_of aarch64 \
  '\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00' \
  '\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
programs_of x86_64 \
  '\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00' \
  '\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
