# shellcheck shell=sh
# A machine with an agent: the controller's account, and what that account may run.

step() { ensure_agent; }
