# shellcheck shell=sh
# One monitor and one disk of Ceph, by hand: no udev, no LVM. ADDRESS, FSID and REPOSITORY are set before it.
# shellcheck disable=SC2154
set -eu
conf=/etc/ceph/ceph.conf admin=/etc/ceph/ceph.client.admin.keyring
mon=/var/lib/ceph/mon/ceph-a osd=/var/lib/ceph/osd/ceph-0

echo "$REPOSITORY" >/etc/apt/sources.list.d/ceph.list
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qqy --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install ceph-mon ceph-osd >/dev/null 2>&1

cat >$conf <<EOF
[global]
fsid = $FSID
mon host = $ADDRESS
osd pool default size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
osd objectstore = bluestore
bluestore block create = true
bluestore block size = 2147483648
EOF
ceph-authtool -C /run/mon.keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
ceph-authtool -C $admin --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
ceph-authtool /run/mon.keyring --import-keyring $admin >/dev/null
monmaptool --create --addv a "[v2:$ADDRESS:3300,v1:$ADDRESS:6789]" --fsid "$FSID" /run/monmap >/dev/null
mkdir -p $mon $osd
chown ceph: $mon $osd /run/mon.keyring /run/monmap
ceph-mon --setuser ceph --setgroup ceph --mkfs -i a --monmap /run/monmap --keyring /run/mon.keyring
systemctl start ceph-mon@a

id=$(cat /proc/sys/kernel/random/uuid) secret=$(ceph-authtool --gen-print-key)
echo "{\"cephx_secret\": \"$secret\"}" | timeout 60 ceph osd new "$id" -i - >/dev/null
printf '[osd.0]\nkey = %s\n' "$secret" >$osd/keyring
chown ceph: $osd/keyring
ceph-osd --setuser ceph --setgroup ceph -i 0 --mkfs --osd-uuid "$id" >/dev/null 2>&1
systemctl start ceph-osd@0
tries=60
until ceph osd stat | grep -q '1 up'; do
  if [ $((tries = tries - 1)) = 0 ]; then exit 1; fi
  sleep 0.5
done
