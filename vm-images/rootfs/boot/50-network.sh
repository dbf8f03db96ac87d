# QEMU's user network gives every guest the same addresses, so there is no need to ask by DHCP.
modprobe virtio_net
/sbin/ip -batch - <<'COMMANDS'
link set lo up
addr add 10.0.2.15/24 dev eth0
link set eth0 up
route add default via 10.0.2.2
COMMANDS
echo 'nameserver 10.0.2.3' >/etc/resolv.conf
