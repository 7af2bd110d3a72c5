#!/usr/bin/env bash
# Makes the guest of scripts/vm.sh in a cache folder and prints the folder: build.sh SUITE (bookworm, trixie or sid)
#
#   kernel, initrd, root.img   what QEMU starts      versions    Debian's packages in it, the kernel first
#   libraries                  names of the shared libraries that the guest has
#
# Debian's packages are downloaded with a configuration of apt's that is private to the image, and unpacked. Nothing is
# installed, no package's script runs and no file of /etc/apt changes, so no root is needed. A guest made by another
# version of these scripts is not used. Exit 77 with one line on stderr when the guest cannot be had.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
say() { printf 'vm: %s\n' "$*" >&2; }
cannot() { say "$*"; exit 77; }

suite=${1:?build.sh SUITE}

# --- What goes into it -----------------------------------------------------------------------------------------------
# The kernel: Debian's 6.12, which bookworm-backports and trixie have. In sid too it is trixie's, so that suites differ
# in Mesa and in nothing below it. Debian builds udmabuf into it; modules are what the modes load (see vm.sh).
kernel='^linux-image-6\.12\.[0-9]+\+deb1[23]-amd64$'
modules=(virtio_blk ext4 9p 9pnet_virtio virtio_console vgem virtio_gpu)

# The drivers with their loaders, the validation layer, and what the guest's scripts and a person who looks for a fault
# need. busybox: the initrd's shell, and what coreutils lack.
packages=(mesa-vulkan-drivers libgl1-mesa-dri libegl-mesa0 libegl1 libgles2 libgl1 libopengl0 libgbm1 libvulkan1
  vulkan-validationlayers vulkan-tools libstdc++6 libpng16-16 bash coreutils grep sed busybox-static strace)

# Of these packages the guest needs no documents and one Vulkan driver, lavapipe.
left_out=(./usr/share/{doc,man,locale,info,bug,lintian} './usr/lib/*/gconv' './usr/lib/*/libvulkan_[!l]*.so')

case $suite in
  # Debian 12's own Mesa, 22.3, knows no DMA-BUF in lavapipe; that of the backports does.
  bookworm) release=bookworm-backports lines=("bookworm" "bookworm-backports") ;;
  trixie) release=trixie lines=("trixie") ;;
  sid) release=sid lines=("sid" "trixie") ;;
  *) say "no suite '$suite'; there are: bookworm, trixie, sid"; exit 64 ;;
esac

# --- One that is there -----------------------------------------------------------------------------------------------
[ "$(uname -m)" = x86_64 ] || cannot "the guest is for x86_64, this machine is $(uname -m)"
key=$(cat "$here"/{build,initrd,guest}.sh | sha256sum | cut -c 1-12)
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/swift-gl-vulkan-interop/vm
folder=$cache/$suite-$key

# The folder is moved into place when it is complete, so where it is, it is whole.
use() {
  touch "$folder"
  printf '%s\n' "$folder"
  exit 0
}
[ ! -d "$folder" ] || use

for tool in apt-get apt-cache apt-config dpkg-deb tar cpio xz flock mke2fs depmod modprobe; do
  PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null || cannot "needs '$tool' (scripts/install-packages.sh vm)"
done
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$cache" 2>/dev/null || cannot "cannot write to $cache (set XDG_CACHE_HOME)"

# Of two that start together the second waits, and finds what the first has made.
exec 8>"$cache/lock"
flock 8
[ ! -d "$folder" ] || use

work=$(mktemp -d "$cache/tmp.XXXXXX" 2>/dev/null) || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
child=
clean_up() {
  trap '' INT TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work"
mkdir image
say "making the guest ($suite) in $folder"
started=$SECONDS

# --- Download --------------------------------------------------------------------------------------------------------
# The archive that this machine's apt reads, with its proxies and checks.
find_archive() {
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 !~ /security/ && $3 == "main" && !found { found = $4 } END { print found }'
}
archive=$(find_archive)
if [ -z "$archive" ] && [ "$(id -u)" = 0 ]; then
  apt-get update -qq >/dev/null 2>&1 || true
  archive=$(find_archive)
fi
[ -n "$archive" ] || cannot "apt knows no archive of Debian's here (is one set up, and 'apt-get update' done?)"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keyring ] || cannot "no $keyring (Debian's debian-archive-keyring)"

mkdir -p apt/state/lists/partial apt/cache/archives/partial
# No package counts as installed: what is asked for comes with all that it depends on.
: >apt/status
printf "deb [arch=amd64 signed-by=$keyring] $archive %s main\n" "${lines[@]}" >apt/sources.list
{
  apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' || true
  cat <<APT
Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null"; Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "$work/apt/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::State "$work/apt/state"; Dir::State::status "$work/apt/status"; Dir::Cache "$work/apt/cache";
APT::Architecture "amd64"; APT::Architectures { "amd64"; };
APT::Default-Release "$release"; APT::Install-Recommends "false"; APT::Sandbox::User "root"; Acquire::Languages "none";
APT
} >apt/apt.conf
export APT_CONFIG=$work/apt/apt.conf
# apt COMMAND...: in the background, so that a signal ends it and us at once.
apt() {
  "$@" >apt/log 2>&1 </dev/null 8>&- &
  child=$!
  wait "$child" || cannot "$(grep -m 1 '^E:' apt/log || echo "'$*' failed")"
  child=
}
# Without the setting an archive that cannot be reached is a warning only.
apt apt-get -qq -o APT::Update::Error-Mode=any update
image=$(apt-cache search --names-only "$kernel" | awk '{ print $1 }' | sort -V | tail -n 1)
[ -n "$image" ] || cannot "the archive has no kernel 6.12 for $suite"
apt apt-get -qq download "$image"
mkdir kernel
mv linux-image-*.deb kernel/
apt apt-get -qq install --yes --download-only "${packages[@]}"
downloaded=$SECONDS

# --- The kernel and its modules --------------------------------------------------------------------------------------
# unpack DEB FOLDER TAR-OPTION...: a folder of the package may be a link here, as /lib is.
unpack() {
  dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner --keep-directory-symlink "${@:3}"
}
mkdir -p kernel/usr/lib
ln -s usr/lib kernel/lib
unpack kernel/*.deb kernel --wildcards './boot/*' '*/modules/*/modules.*' \
  '*/kernel/'{drivers/{gpu/drm,virtio,block,char},fs,net/9p,lib,crypto,arch/x86/crypto}'/*'
cp kernel/boot/vmlinuz-* image/kernel
version=$(basename kernel/lib/modules/*)
grep -qx CONFIG_UDMABUF=y kernel/boot/config-* || cannot "the kernel $image has no udmabuf"
depmod -b kernel "$version"

mkdir -p initrd/bin initrd/modules
# The guest loads modules in the order written here, as busybox's insmod knows no dependencies. Of one that is built in
# the list is empty.
for module in "${modules[@]}"; do
  modprobe -d kernel -S "$version" --show-depends "$module" >needed 2>/dev/null ||
    cannot "the kernel $image has no module $module"
  while read -r what file; do
    [ "$what" = insmod ] || continue
    name=$(basename "${file%%.ko*}")
    [ -e "initrd/modules/$name.ko" ] || xz -dc "$file" >"initrd/modules/$name.ko"
    printf '%s\n' "$name"
  done <needed >"initrd/modules/$module"
done

# --- The root file system --------------------------------------------------------------------------------------------
mkdir -p root/{mnt,control,proc,sys,dev,tmp,run,etc} root/usr/{bin,sbin,lib,lib64}
for name in bin sbin lib lib64; do ln -s usr/$name root/$name; done
export -f unpack
# shellcheck disable=SC2016  # expanded by the inner shell
printf '%s\0' apt/cache/archives/*.deb |
  xargs -0 -P "$(nproc)" -n 1 bash -euo pipefail -c 'unpack "${@: -1}" root "${@:1:$#-1}"' bash "${left_out[@]/#/--exclude=}"
cp "$here/guest.sh" root/sbin/init
chmod 755 root/sbin/init
[ -e root/bin/sh ] || ln -s bash root/bin/sh
[ -e root/etc/passwd ] || echo 'root:x:0:0:root:/tmp/home:/bin/bash' >root/etc/passwd
# Applets for what no package brought.
for name in $(root/bin/busybox --list); do
  [ -e "root/usr/bin/$name" ] || [ -e "root/usr/sbin/$name" ] || ln -s busybox "root/usr/bin/$name"
done
size=$(du -sm root | cut -f 1)
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -m 0 -d root image/root.img $((size * 112 / 100 + 16))M >mke2fs.log 2>&1 ||
  cannot "mke2fs: $(tail -n 1 mke2fs.log)"

cp root/bin/busybox initrd/bin/
cp "$here/initrd.sh" initrd/init
chmod 755 initrd/init
(cd initrd && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >image/initrd

# --- In place --------------------------------------------------------------------------------------------------------
(cd root/usr/lib/x86_64-linux-gnu && printf '%s\n' ./*.so*) | sed 's#^\./##' | LC_ALL=C sort >image/libraries
printf '%s\n' kernel/*.deb apt/cache/archives/*.deb |
  sed 's#.*/##; s#_[a-z0-9]*\.deb$##; s#_# #; s#%3a#:#' >image/versions
mv -T image "$folder"
# What other versions of the scripts have made and nobody has used for two weeks, and what was left behind by a kill.
find "$cache" -mindepth 1 -maxdepth 1 -type d -name '*-*' -mtime +14 -exec rm -rf {} + || true
find "$cache" -mindepth 1 -maxdepth 1 -type d -name 'tmp.*' ! -path "$work" -exec rm -rf {} + || true
say "the guest is made: $((SECONDS - started)) s, of which downloads $((downloaded - started)) s;" \
  "kernel ${version%-amd64}, Mesa $(awk '$1 == "mesa-vulkan-drivers" { print $2 }' "$folder/versions")"
use
