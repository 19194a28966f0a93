#!/bin/sh
# install-controller.sh HOME GIT TAG COMMIT INDEX LOCK REQUIREMENTS: checkout, venv and key under HOME; INDEX may be
# "default". LOCK holds for the requirements.txt whose SHA-256 is REQUIREMENTS.
set -eu

home=$1 git=$2 tag=$3 commit=$4 index=$5 lock=$6 requirements=$7
progress=${VMSTATION_PROGRESS:-/dev/null}

tell() {
  echo "$*"
  echo "$*" >>"$progress"
}

mkdir -p "$home/inventory/group_vars/all" "$home/facts"
chmod 700 "$home"

# clone [OPTION...]: the tag, with git's own words only where the last try fails
clone() {
  rm -rf "$home/checkout.new"
  git -c advice.detachedHead=false clone --quiet "$@" --branch "$tag" "$git" "$home/checkout.new"
}

# A checkout or a venv that a cut left half-made never has the name that is used.
if [ ! -d "$home/checkout/.git" ] || [ "$(git -C "$home/checkout" rev-parse HEAD)" != "$commit" ]; then
  tell "fetching Kubespray $tag"
  clone --depth 1 || {
    # A folder of files behind a plain web server has no depth.
    tell "$git has no shallow copy; fetching all of it"
    clone
  }
  found=$(git -C "$home/checkout.new" rev-parse HEAD)
  if [ "$found" != "$commit" ]; then
    echo "$git has another commit under $tag: $found, pinned is $commit" >&2
    exit 1
  fi
  rm -rf "$home/checkout"
  mv "$home/checkout.new" "$home/checkout"
fi
# Edits by hand would run as root on every machine.
git -C "$home/checkout" reset --quiet --hard "$commit"

# Another commit may ask for other packages; then it brings their digests itself.
if [ "$(sha256sum <"$home/checkout/requirements.txt" | cut -d ' ' -f 1)" != "$requirements" ]; then
  lock=$home/checkout/requirements.lock
  if [ ! -e "$lock" ]; then
    echo "Kubespray's commit $commit asks for other Python packages than $tag does, and has no digests of them" >&2
    echo "commit a requirements.lock beside its requirements.txt: pip-compile --generate-hashes" \
      "--allow-unsafe --strip-extras --output-file requirements.lock requirements.txt" >&2
    exit 1
  fi
fi

wanted=$(sha256sum <"$lock")
if [ ! -e "$home/venv/requirements" ] || [ "$(cat "$home/venv/requirements")" != "$wanted" ]; then
  tell "installing Ansible in $home/venv"
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  # Wheels alone: to build one, pip would fetch tools whose digests nobody knows.
  set -- install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary=:all: -r "$lock"
  [ "$index" = default ] || set -- "$@" --index-url "$index"
  "$home/venv/bin/pip" "$@"
  echo "$wanted" >"$home/venv/requirements"
fi

if [ ! -s "$home/key.pub" ]; then
  tell "making the controller's key"
  rm -f "$home/key"
  ssh-keygen -q -t ed25519 -N '' -C vmstation-controller -f "$home/key"
fi
