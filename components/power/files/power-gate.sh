#!/bin/sh
# The forced command of the power controller's key: one of the agent's verbs, and nothing else.
set -eu
case ${SSH_ORIGINAL_COMMAND:-} in
  observe | arm | arm-test | disarm | suspend | poweroff)
    exec sudo -n /usr/local/sbin/vmstation-power-agent "$SSH_ORIGINAL_COMMAND"
    ;;
  *)
    echo "power-gate: this key runs the power agent's verbs only" >&2
    exit 2
    ;;
esac
