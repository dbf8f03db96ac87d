# The agent's bundle, BuildKit and the emulator have small disks of their own, so that rebuilding them leaves the root
# alone. An image may have no BuildKit.
for disk in /sys/block/vd*; do
  case $(cat "$disk/serial") in
    berth-agent) mount -t erofs -o ro "/dev/${disk##*/}" /usr/lib/berth/agent ;;
    berth-emulator) mount -t erofs -o ro "/dev/${disk##*/}" /usr/lib/berth/emulator ;;
    berth-builder) mount -t erofs -o ro "/dev/${disk##*/}" /usr/lib/berth/builder ;;
  esac
done
[ -e /usr/lib/berth/agent/agent.cjs ] || { echo 'no disk with the serial berth-agent'; exit 1; }
