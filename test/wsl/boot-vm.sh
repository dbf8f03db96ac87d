# The VM that all distributions share: a network of its own and the folder that shows up as /mnt/wsl in each.
set -e
ip link set lo up
mount -t tmpfs wsl "$1"
mount --make-shared "$1"
echo ready >&3
exec 3>&-
exec sleep 2147483647
