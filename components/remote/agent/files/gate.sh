#!/bin/sh
# The forced command of a controller's key: the agent, with words for it, and nothing else. Which words are allowed,
# sudo decides (/etc/sudoers.d). Installed as power-gate.sh and backup-gate.sh.
set -eu
role=${0##*/}
role=${role%-gate.sh}
case ${SSH_ORIGINAL_COMMAND:-} in
  '' | *[!a-z0-9\ -]*)
    echo "$role-gate: this key runs the $role agent's verbs only" >&2
    exit 2
    ;;
esac
# The characters above hold nothing that the shell could expand.
# shellcheck disable=SC2086
exec sudo -n "/usr/local/sbin/vmstation-$role-agent" $SSH_ORIGINAL_COMMAND
