#!/bin/sh
# build.sh MODULE FOLDER LDFLAGS TAGS CGO: builds the programs of tools/MODULE into FOLDER, which appears only when it is
# complete. CGO is 0 or 1. Nothing to do where another run has just made it.
set -eu
module=$1 folder=$2 ldflags=$3 tags=$4 cgo=$5

if [ -d "$folder" ]; then exit 0; fi
rm -rf "$folder.new"
mkdir -p "$folder.new"
cd "$(dirname "$0")/../tools/$module"
what=tool
# What is a program of the suite's own is no tool of its module.
if [ -e main.go ]; then what=.; fi
CGO_ENABLED=$cgo nice -n 10 go build -p 2 -mod=readonly -trimpath -buildvcs=false -ldflags="$ldflags" -tags="$tags" \
  -o "$folder.new/" "$what"
# Go names etcd's program for its folder.
if [ "$module" = etcd ]; then mv "$folder.new/server" "$folder.new/etcd"; fi
mv "$folder.new" "$folder"
