#!/bin/sh
# Makes a Debian 12 machine for QEMU in a new folder: `sh build.sh FOLDER` leaves vmlinuz, initrd and root.ext4 there.
# Root only. What it depends on lies in this folder, whose contents are the key under which the result is kept.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=$1
suite=bookworm
root=$out/root

# What a user's machine has for tso (deploy/lib.sh, host_packages), with systemd and udev as users have them.
packages=systemd-sysv,udev,dbus,linux-image-cloud-amd64
packages=$packages,conmon,crun,runc,golang-github-containers-common,iproute2,nftables,mount,procps,util-linux,wireguard-tools,zstd
# What the checks use beside them.
packages=$packages,busybox-static,tini,curl,tcpdump

mkdir -p "$out"
# INITRD=No: the kernel's package would make one for every machine there is. Ours is below.
INITRD=No mmdebstrap --variant=minbase --mode=root --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/lib/cni/*' \
  "$suite" "$root"

kernel=$(basename "$root"/boot/vmlinuz-*)
kernel=${kernel#vmlinuz-}
cp "$root/boot/vmlinuz-$kernel" "$out/vmlinuz"

# Units: the agent's as an installation has it, and the checks', which start by themselves.
cp "$here/tsod.service" "$here/tso-checks.service" "$root/etc/systemd/system/"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants" "$root/opt/tso"
ln -s ../tso-checks.service "$root/etc/systemd/system/multi-user.target.wants/"
# Nobody logs in, and housekeeping would only take time.
for unit in getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service e2scrub_reap.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
echo '/dev/vdb /opt/tso ext4 ro 0 0' >"$root/etc/fstab"
echo guest >"$root/etc/hostname"
: >"$root/etc/machine-id"

# The first process needs busybox and the drivers of the disk.
initrd=$root/initrd
mkdir -p "$initrd/bin" "$initrd/dev" "$initrd/proc" "$initrd/root" "$initrd/lib/modules/$kernel"
cp "$root/bin/busybox" "$initrd/bin/"
cp "$root/lib/modules/$kernel/modules.dep" "$initrd/lib/modules/$kernel/"
for module in virtio_pci virtio_blk; do
  chroot "$root" modprobe --set-version "$kernel" --show-depends "$module"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
  mkdir -p "$initrd$(dirname "$file")"
  cp "$root$file" "$initrd$file"
done
install -m 755 "$here/init" "$initrd/init"
chroot "$root" sh -c 'cd /initrd && find . | busybox cpio -o -H newc' >"$out/initrd"
rm -rf "$initrd" "$root"/boot/*

mkfs.ext4 -q -F -O ^has_journal -d "$root" "$out/root.ext4" 3G
rm -rf "$root"
