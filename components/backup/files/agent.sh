# shellcheck shell=sh disable=SC2154
# A machine whose folders are backed up: the agent, the controller's user, and what that user may run.

step() {
  ensure_account "$AGENT_USER" "$AGENT_HOME"
  ensure_files
}
