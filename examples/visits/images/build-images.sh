#!/bin/sh
# Makes the example's two images from Debian's own packages, without root, without a registry:
#   work/visits-web.tar     Node.js, a shell, and web/server.mjs
#   work/visits-redis.tar   redis-server and a shell
# Each is a root filesystem as `tso image import` takes it. Packages are kept in work/, so a second run takes no time.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=${TSO_EXAMPLE_WORK_DIR:-$here/work}
server=$here/../web/server.mjs

for program in apt-get dpkg-deb tar; do
  command -v "$program" >/dev/null || {
    echo "error: $program is missing: the images are made from Debian's packages, so this needs Debian or one of its kin" >&2
    exit 1
  }
done
mkdir -p "$work/debs/partial" "$work/none/partial"

# Packages that only serve to install others; to apt they are there already, so that it leaves them out.
write_status() {
  for package in adduser debconf dpkg init-system-helpers lsb-base passwd perl perl-base sysvinit-utils tar usrmerge; do
    printf 'Package: %s\nStatus: install ok installed\nVersion: 99:9999\nArchitecture: all\nMulti-Arch: foreign\nMaintainer: nobody\nDescription: left out\n\n' "$package"
  done
}
write_status >"$work/status"

# apt works out the packages as for an empty machine: in its own state, touching nothing of this one.
apt_empty() {
  apt-get -q -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="$(id -un)" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -y --no-install-recommends "$@"
}

# unpack ROOTFS PACKAGE...: the packages with all that they need, without manuals and translations.
unpack() {
  into=$1
  shift
  # Asked of an empty archive, or apt would name only those that are not here yet.
  apt_empty -o Dir::Cache::archives="$work/none" --print-uris install "$@" | sed -n "s/^'[^']*' \([^ ]*\.deb\) .*/\1/p" >"$work/list"
  (cd "$work/debs" && xargs ls >/dev/null 2>&1 <"$work/list") || apt_empty --download-only install "$@"
  mkdir -p "$into/usr/bin" "$into/usr/sbin" "$into/usr/lib" "$into/usr/lib64"
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$into/$folder"; done
  while read -r deb; do
    dpkg-deb --fsys-tarfile "$work/debs/$deb" | tar -x -C "$into" --keep-directory-symlink --no-same-owner \
      --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./usr/share/lintian' \
      --exclude='./usr/share/info' --exclude='./usr/share/bash-completion' --exclude='./usr/lib/*/gconv' --exclude='./lib/systemd' \
      --exclude='./etc/init.d' --exclude='./etc/systemd' --exclude='./usr/share/gcc' --exclude='./usr/share/gdb'
  done <"$work/list"
  applets=$("$into/bin/busybox" --list)
  for applet in $applets; do
    [ -e "$into/bin/$applet" ] || [ -e "$into/sbin/$applet" ] || ln -s busybox "$into/bin/$applet"
  done
  mkdir -p "$into/dev" "$into/etc" "$into/home" "$into/proc" "$into/run" "$into/sys" "$into/tmp" "$into/var/tmp"
  chmod 1777 "$into/tmp" "$into/var/tmp"
  printf 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home:/bin/sh\nredis:x:999:999::/data:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$into/etc/passwd"
  printf 'root:x:0:\nnode:x:1000:\nredis:x:999:\nnogroup:x:65534:\n' >"$into/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$into/etc/nsswitch.conf"
}

# pack ROOTFS TAR [FOLDER UID]: all owned by root, but FOLDER by UID. The same input gives the same bytes.
pack() {
  same='--sort=name --mtime=@0 --numeric-owner --format=gnu'
  # shellcheck disable=SC2086 # several options
  tar -cf "$2.new" $same --owner=0 --group=0 ${3:+--exclude="./$3"} -C "$1" .
  # shellcheck disable=SC2086
  [ -z "${3:-}" ] || tar -rf "$2.new" $same --owner="$4" --group="$4" -C "$1" "./$3"
  mv -f "$2.new" "$2"
}

# is_current TAR SOURCE...
is_current() {
  tar=$1
  shift
  [ -f "$tar" ] || return 1
  for source; do [ "$tar" -nt "$source" ] || return 1; done
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/tso-visits.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

if ! is_current "$work/visits-web.tar" "$here/build-images.sh" "$server"; then
  unpack "$scratch/web" nodejs busybox-static
  mkdir -p "$scratch/web/app"
  cp "$server" "$scratch/web/app/server.mjs"
  chmod 644 "$scratch/web/app/server.mjs"
  pack "$scratch/web" "$work/visits-web.tar"
fi
if ! is_current "$work/visits-redis.tar" "$here/build-images.sh"; then
  unpack "$scratch/redis" redis-server busybox-static
  mkdir -p "$scratch/redis/data"
  pack "$scratch/redis" "$work/visits-redis.tar" data 999
fi
