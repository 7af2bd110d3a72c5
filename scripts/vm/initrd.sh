#!/bin/busybox sh
# shellcheck shell=dash disable=SC2013
# /init of the guest's initrd: loads the mode's modules, mounts the root file system and the two shares, goes over to
# guest.sh. The kernel's command line says what a mode needs, see vm.sh.
for applet in mkdir mount ln cat grep tr insmod usleep poweroff; do
  # shellcheck disable=SC2139  # expanded here on purpose
  alias $applet="/bin/busybox $applet"
done

# vm.sh reads this on the console.
give_up() {
  echo "guest: $*"
  poweroff -f
}

mkdir -p /proc /sys /dev /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

modules=
for word in $(cat /proc/cmdline); do
  case $word in interop.modules=*) modules=${word#*=} ;; esac
done
for wanted in virtio_blk ext4 9pnet_virtio 9p virtio_console $(echo "$modules" | tr , ' '); do
  for module in $(cat "/modules/$wanted"); do
    grep -q "^$module " /proc/modules || insmod "/modules/$module.ko" || echo "guest: cannot load the module $module"
  done
done

# Devices appear a moment after their driver.
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do
  usleep 50000
  tries=$((tries + 1))
done
mount -t ext4 -o ro,noload /dev/vda /root || give_up "no root file system"
options=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o $options,cache=mmap share /root/mnt || give_up "no share"
# Not cached: vm.sh looks at what the guest writes there while it runs.
mount -t 9p -o $options,cache=none control /root/control || give_up "no control share"
for folder in dev proc sys; do mount --move /$folder /root/$folder; done
for folder in tmp run; do mount -t tmpfs tmpfs /root/$folder; done
# Lavapipe's memory is memfd and shm.
mkdir -p /root/dev/shm
ln -s /proc/self/fd /root/dev/fd
mount -t tmpfs tmpfs /root/dev/shm
exec /bin/busybox switch_root /root /sbin/init
