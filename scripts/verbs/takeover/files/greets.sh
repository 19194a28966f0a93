#!/bin/bash
# greets.sh ADDRESS PORT: whether an SSH server greets there. One that takes connections and says nothing hangs.
export LC_ALL=C
exec 2>/dev/null
exec 3<>"/dev/tcp/$1/$2" || exit 1
read -r -t 5 greeting <&3 && [[ $greeting == SSH-* ]]
