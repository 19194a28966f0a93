#!/bin/sh
# Runs before Jellyfin starts and turns its /metrics on, which is a setting of its own file and of nothing else.
# A server that has never run gets a file with that one setting; Jellyfin fills in the rest.
# usage: enable-jellyfin-metrics.sh CONFIG-FOLDER
set -eu

file=$1/config/system.xml
temporary=$file.vmstation

if [ ! -s "$file" ]; then
  mkdir -p "${file%/*}"
  cat >"$temporary" <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<ServerConfiguration>
  <EnableMetrics>true</EnableMetrics>
</ServerConfiguration>
XML
elif grep -q '<EnableMetrics>true</EnableMetrics>' "$file"; then
  exit 0
elif grep -q '<EnableMetrics>false</EnableMetrics>' "$file"; then
  sed 's|<EnableMetrics>false</EnableMetrics>|<EnableMetrics>true</EnableMetrics>|' "$file" >"$temporary"
else
  sed 's|</ServerConfiguration>|  <EnableMetrics>true</EnableMetrics>\n</ServerConfiguration>|' "$file" >"$temporary"
fi
mv -f "$temporary" "$file"
