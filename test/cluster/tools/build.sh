#!/bin/sh
# build.sh fetch MODULE TAGS                 gets what the programs of tools/MODULE consist of
# build.sh build MODULE FOLDER LDFLAGS TAGS  fills FOLDER with the programs, or the files, that tools/MODULE is for
#
# FOLDER appears only when it is complete. Nothing to do where another run has just made it.
#
# A module's file `patches` names files of its dependencies that are replaced by ours, or changed by a script of ours for
# sed, one a line: MODULE FILE OURS. Go allows no overlay in its own cache, so that the dependency is built from a copy.
set -eu
verb=$1 module=$2
cd "$(dirname "$0")/$module"

# The folder of a dependency, which is downloaded if it must be.
folder_of() {
  go mod download "$1"
  go list -mod=readonly -m -f '{{.Dir}}' "$1"
}

sources=
# shellcheck disable=SC2329 # by the trap
clean() { if [ -n "$sources" ]; then rm -rf "$sources"; fi; }
trap clean EXIT

modfile=go.mod
if [ -f patches ]; then
  sources=$(mktemp -d)
  cp go.mod go.sum "$sources/"
  modfile=$sources/go.mod
  while read -r path file ours; do
    copy=$sources/$(echo "$path" | tr / -)
    cp -R "$(folder_of "$path")" "$copy"
    chmod -R u+w "$copy"
    mkdir -p "$(dirname "$copy/$file")"
    case $ours in
      *.sed)
        sed -f "$ours" "$copy/$file" >"$sources/changed"
        if cmp -s "$sources/changed" "$copy/$file"; then
          echo "$module/$ours changes nothing in $path/$file" >&2
          exit 1
        fi
        cp "$sources/changed" "$copy/$file"
        ;;
      *) cp "$ours" "$copy/$file" ;;
    esac
    go mod edit -replace "$path=$copy" "$modfile"
  done <patches
fi

if [ "$verb" = fetch ]; then
  if [ "$module" = crds ]; then
    go mod download
  else
    go list -mod=readonly -modfile="$modfile" -tags="$3" -deps tool >/dev/null
  fi
  exit 0
fi

folder=$3 ldflags=$4 tags=$5
if [ -d "$folder" ]; then exit 0; fi
rm -rf "$folder.new"
mkdir -p "$folder.new"
if [ "$module" = crds ]; then
  operator=$(folder_of github.com/prometheus-operator/prometheus-operator)
  metallb=$(folder_of go.universe.tf/metallb)
  certificates=$(folder_of github.com/cert-manager/cert-manager)
  argocd=$(folder_of github.com/argoproj/argo-cd/v3)
  cp "$operator"/example/prometheus-operator-crd/*.yaml "$metallb"/config/crd/bases/*.yaml \
    "$certificates"/deploy/crds/*.yaml "$folder.new/"
  # A file GROUP_KINDS.yaml each, as of the others.
  for kinds in applications:application applicationsets:applicationset appprojects:appproject; do
    cp "$argocd/manifests/crds/${kinds#*:}-crd.yaml" "$folder.new/argoproj.io_${kinds%:*}.yaml"
  done
  chmod u+w "$folder.new"/*
else
  CGO_ENABLED=0 nice go build -mod=readonly -modfile="$modfile" -trimpath -buildvcs=false -ldflags="$ldflags" \
    -tags="$tags" -o "$folder.new/" tool
fi
# Go names etcd's program for its folder.
if [ "$module" = etcd ]; then mv "$folder.new/server" "$folder.new/etcd"; fi
mv "$folder.new" "$folder"
