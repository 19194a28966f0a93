#!/bin/sh
# build.sh MODULE FOLDER LDFLAGS TAGS: fills FOLDER with what tools/MODULE is for, its programs or, of crds, its
# files. The folder appears only when it is complete. Nothing to do where another run has just made it.
set -eu
module=$1 folder=$2 ldflags=$3 tags=$4

if [ -d "$folder" ]; then exit 0; fi
rm -rf "$folder.new"
mkdir -p "$folder.new"
cd "$(dirname "$0")/$module"
if [ "$module" = crds ]; then
  operator=$(go list -mod=readonly -m -f '{{.Dir}}' github.com/prometheus-operator/prometheus-operator)
  cp "$operator"/example/prometheus-operator-crd/*.yaml "$folder.new/"
else
  CGO_ENABLED=0 nice go build -mod=readonly -trimpath -buildvcs=false -ldflags="$ldflags" -tags="$tags" \
    -o "$folder.new/" tool
fi
# Go names etcd's program for its folder.
if [ "$module" = etcd ]; then mv "$folder.new/server" "$folder.new/etcd"; fi
mv "$folder.new" "$folder"
