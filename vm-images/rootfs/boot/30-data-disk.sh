# The data disk: formatted when blank, checked when not, grown when the host made the file larger.
mountpoint=/var/lib/berth
for disk in /sys/block/vd*; do
  [ "$(cat "$disk/serial")" = berth-data ] && device=/dev/${disk##*/}
done
[ -n "$device" ] || { echo 'no disk with the serial berth-data'; exit 1; }

# e2fsck: 1 means errors were corrected, 2 that a reboot is due (only for a mounted root).
check() {
  code=0
  /sbin/e2fsck "$@" "$device" >/tmp/e2fsck 2>&1 || code=$?
  [ "$code" -lt 4 ] || { echo "the data disk is damaged (e2fsck ended with $code): $(tail -n 1 /tmp/e2fsck)"; exit 1; }
}

kind=$(/sbin/blkid -p -s TYPE -o value "$device" || true)
if [ -z "$kind" ]; then
  # Anything but zeros without a known signature is somebody's data: leave it alone.
  [ -z "$(head -c 1048576 "$device" | tr -d '\000' | head -c 1)" ] ||
    { echo 'the data disk is neither blank nor ext4; move its file away to start with an empty one'; exit 1; }
  # A new sparse file reads as zeros, so nothing has to be written for tables and journal.
  /sbin/mke2fs -q -t ext4 -L berth-data -m 0 -E assume_storage_prezeroed=1,nodiscard "$device"
elif [ "$kind" = ext4 ]; then
  check -p
  blocks=$(/sbin/dumpe2fs -h "$device" 2>/dev/null | awk '/^Block count:/ { count = $3 } /^Block size:/ { print count * $3 / 512 }')
  if [ "$(cat "/sys/class/block/${device#/dev/}/size")" -gt "$((blocks + 2048))" ]; then
    check -f -p
    /sbin/resize2fs "$device"
  fi
else
  echo "the data disk holds $kind, not ext4; move its file away to start with an empty one"
  exit 1
fi
mount -t ext4 -o noatime,discard "$device" "$mountpoint"
