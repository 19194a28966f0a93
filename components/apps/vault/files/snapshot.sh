#!/bin/sh
# Saves what the store holds into one file, which the backups take, and removes the oldest. PROGRAM is the engine's own;
# its token is in its variable. FOLDER, and KEEP: how many stay.
set -eu

# A token that nobody renews ends; one that cannot be renewed is said after the snapshot, which it still allows.
renewed=true
"$PROGRAM" token renew >/dev/null || renewed=false

"$PROGRAM" operator raft snapshot save "$FOLDER/.next"
mv "$FOLDER/.next" "$FOLDER/$(date -u +%Y%m%dT%H%M%SZ).snap"

find "$FOLDER" -maxdepth 1 -name '*.snap' | sort -r | tail -n "+$((KEEP + 1))" | while read -r oldest; do
  rm -- "$oldest"
done

if [ "$renewed" = false ]; then
  echo "the token was not renewed, and ends by itself: make one with -period" >&2
  exit 1
fi
