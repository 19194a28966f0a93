#!/bin/sh
# Installs fakepve where test/engine looks for it: the tests themselves have no network.
set -eu
list=$(dirname "$0")/requirements.txt
folder=${XDG_CACHE_HOME:-$HOME/.cache}/vmstation/fakepve
if ! cmp -s "$list" "$folder/requirements.txt"; then
  python3 -m venv --clear "$folder"
  "$folder/bin/pip" -q --disable-pip-version-check install -r "$list"
  # Last, so that an installation that was interrupted starts again.
  cp "$list" "$folder/requirements.txt"
fi
