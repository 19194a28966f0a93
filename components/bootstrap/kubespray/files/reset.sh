# shellcheck shell=sh
# Follows run.sh in the same script, and takes the place of its step. MODE soft: the whole of cluster.yml runs again over
# the cluster as it is. MODE hard: reset.yml wipes the cluster, and what is recorded of it goes.
step() {
  ensure_files
  [ "$MODE" = hard ] || [ -d "$KUBESPRAY_HOME/venv" ] ||
    fail "no cluster was installed from here" "run \`up\`, which installs one"
  [ "$(long_state kubespray)" != running ] ||
    fail "a run is going on" "follow it: vmstation bootstrap log --follow"
  case $MODE in
    soft)
      # Else what ran would not be what is described, and would count as if it were.
      [ "$(long_digest kubespray)" = "$DIGEST" ] ||
        fail "the configuration is not what the last run was about" "run \`up\` first"
      run_py --again
      rm -f "$STATE/run/kubespray/digest"
      run_apply
      ;;
    hard)
      if [ ! -e "$STATE/bootstrap/recorded.json" ] && [ "$(long_state kubespray-reset)" != running ]; then
        say "$STEP: no cluster of ours is recorded here; nothing is wiped"
        rm -rf "$STATE/run/kubespray" "$STATE/run/kubespray-reset"
        return 0
      fi
      run_long kubespray-reset "$CLUSTER" "$KUBESPRAY_HOME/venv/bin/python3" -B "$RUNNER" --reset "$KUBESPRAY_HOME"
      rm -rf "$STATE/run/kubespray" "$STATE/run/kubespray-reset"
      ;;
  esac
}
