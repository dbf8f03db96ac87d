# First process of a distribution, in namespaces of its own: makes its folder the root, as WSL's init does.
set -e
root=$1
shared=$2
mount --bind "$root" "$root"
mount --make-private "$root"
cd "$root"
mkdir -p dev proc sys run tmp mnt/wsl .old
mount -t proc proc proc
mount -o bind,ro proc/sys proc/sys
mount --bind /proc/sys/net proc/sys/net 2>/dev/null || true
mount -t sysfs sys sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs run run
mount -t tmpfs tmp tmp
mount --rbind "$shared" mnt/wsl
cp /bin/busybox run/busybox
pivot_root . .old
# What goes away here must not go away in the VM and the other distributions.
/run/busybox mount --make-rprivate /.old
/run/busybox umount -l /.old
echo ready >&3
exec 3>&-
exec /run/busybox sleep 2147483647
