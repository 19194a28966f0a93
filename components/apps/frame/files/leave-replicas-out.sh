#!/bin/sh
# Helm's post-renderer for a chart that cannot leave `replicas` out: with the value null it writes the key with
# nothing behind it, and an upgrade would take that for "back to 1". The power layer sets replicas to 0 while the
# machine is switched off. Manifests come on stdin.
set -eu
exec sed '/^ *replicas: *\(null\)\{0,1\} *$/d'
