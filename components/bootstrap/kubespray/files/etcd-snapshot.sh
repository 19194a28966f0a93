#!/bin/sh
# etcd-snapshot.sh MEMBER DIRECTORY KEEP: one verified snapshot of etcd; the newest KEEP stay.
set -eu

member=$1 directory=$2 keep=$3
PATH=/usr/local/bin:$PATH
certificates=/etc/ssl/etcd/ssl

umask 077
if [ "$(readlink -m "$directory")" != "$directory" ]; then
  echo "$directory is a link, or is reached by one: name the folder itself in vmstation:bootstrap.etcdSnapshot.directory" >&2
  exit 1
fi
mkdir -p "$directory"
target=$directory/snapshot-$(date -u +%Y%m%dT%H%M%SZ).db

ETCDCTL_ENDPOINTS=https://127.0.0.1:2379 \
  ETCDCTL_CACERT=$certificates/ca.pem \
  ETCDCTL_CERT=$certificates/admin-$member.pem \
  ETCDCTL_KEY=$certificates/admin-$member-key.pem \
  etcdctl snapshot save "$target.new"
# etcd 3.6 moved the check of a snapshot from etcdctl to etcdutl.
if command -v etcdutl >/dev/null; then
  etcdutl snapshot status "$target.new"
else
  etcdctl snapshot status "$target.new"
fi
mv "$target.new" "$target"

# Names sort by time. What is called otherwise is not ours.
find "$directory" -maxdepth 1 -type f -name 'snapshot-20[0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z.db' | sort -r | tail -n "+$((keep + 1))" | while IFS= read -r old; do
  rm -f "$old"
done
