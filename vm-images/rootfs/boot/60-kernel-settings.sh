# Settings that containers count on. Other modules load on demand.
modprobe -a overlay nf_conntrack
# What the agent wants for its bridge is there by the time it has started, which keeps one processor busy.
{ modprobe -a bridge veth nft_chain_nat nft_nat nft_masq nft_ct nft_fib_ipv4 nft_fib_ipv6 && nft list tables; } >/dev/null 2>&1 &
set_kernel() {
  echo "$2" >"/proc/sys/$1"
}
set_kernel net/ipv4/ip_forward 1
set_kernel net/ipv6/conf/all/forwarding 1
set_kernel net/netfilter/nf_conntrack_max 262144
set_kernel fs/inotify/max_user_instances 8192
set_kernel fs/inotify/max_user_watches 1048576
set_kernel fs/file-max 2097152
set_kernel vm/max_map_count 1048576
set_kernel kernel/keys/maxkeys 10000
set_kernel kernel/pid_max 4194304
set_kernel net/core/somaxconn 4096
