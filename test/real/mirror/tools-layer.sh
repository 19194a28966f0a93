#!/bin/bash
# Makes the layer of an image whose program changes a machine's network: tools-layer.sh BASE REPOSITORY TAR
# BASE is the rig's machines' base, REPOSITORY its packages. The layer holds a shell, and what kube-proxy and kube-router call,
# with the libraries that they need. Needs root, and a mount namespace of its own.
set -euo pipefail

base=$1 repository=$2 tar=$3
work=$(mktemp -d)
root=$work/root layer=$work/layer

mount -t tmpfs tools-layer "$work"
mkdir -p "$work/upper" "$work/work" "$root" "$layer"
mount -t overlay tools-layer "$root" -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work"
mount --bind "$repository" "$root/srv/rig-repository"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
chroot "$root" apt-get -q update > /dev/null
DEBIAN_FRONTEND=noninteractive chroot "$root" \
  apt-get -qy --no-install-recommends install conntrack curl ipset iptables nftables > /dev/null 2>&1

# Links are followed, as seen from within: iptables is one of several names of a program that looks by which it was called.
copy() { install -D "$root$(chroot "$root" readlink -f "$1")" "$layer$1"; }

programs=(/bin/cat /bin/cp /bin/grep /bin/ls /bin/mkdir /bin/mv /bin/sed /bin/sh /bin/sleep /sbin/ip /usr/bin/curl /usr/bin/env /usr/sbin/conntrack
  /usr/sbin/ipset /usr/sbin/nft)
for name in iptables ip6tables; do programs+=("/usr/sbin/$name" "/usr/sbin/$name-save" "/usr/sbin/$name-restore"); done

for program in "${programs[@]}"; do copy "$program"; done
while read -r library; do copy "$library"; done < <(
  # shellcheck disable=SC2016 # Another shell expands it.
  chroot "$root" sh -c 'for each in "$@" /usr/lib/x86_64-linux-gnu/xtables/*.so; do ldd "$each"; done' sh "${programs[@]}" |
    grep -oE '/[^ ]+\.so[^ ]*' | sort -u
)
mkdir -p "$layer/usr/lib/x86_64-linux-gnu" "$layer/etc" "$layer/tmp" "$layer/run"
cp -r "$root/usr/lib/x86_64-linux-gnu/xtables" "$layer/usr/lib/x86_64-linux-gnu/"
cp -r "$root/etc/iproute2" "$layer/etc/"
cp "$root"/etc/{protocols,services,ethertypes} "$layer/etc/" 2> /dev/null || true
chmod 1777 "$layer/tmp"
tar --create --file "$tar" --directory "$layer" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner .
umount "$root/srv/rig-repository" "$root"
umount "$work"
rmdir "$work"
