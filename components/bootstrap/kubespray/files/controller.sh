# shellcheck shell=sh
# The Ansible controller: Kubespray's pinned tag, a venv with the tag's own requirements, a key of its own.
# Only the public half of the key leaves the machine, as this step's output.
step() {
  ensure_files
  if removing; then return 0; fi
  run_long kubespray-controller "$DIGEST" /bin/sh "$INSTALLER" "$KUBESPRAY_HOME" "$GIT" "$TAG" "$COMMIT" "$INDEX" \
    "$LOCK" "$REQUIREMENTS"
  if applying; then cat "$KUBESPRAY_HOME/key.pub"; fi
}
