# shellcheck shell=sh
# The run: run.py decides from the record, the cluster and wanted.json which playbooks are due. What it prints in the
# end is what the next preview compares with: the intent of this run, and the record.
step() {
  ensure_files
  case $VERB in
    apply) run_apply ;;
    check) run_check ;;
    remove) ;;
  esac
}

run_apply() {
  # Where the record was lost, what is on the machines is looked at again.
  if [ "$(long_state kubespray)" = succeeded ] && [ ! -e "$STATE/bootstrap/recorded.json" ]; then
    rm -f "$STATE/run/kubespray/digest"
  fi
  run_long kubespray "$DIGEST" "$KUBESPRAY_HOME/venv/bin/python3" -B "$RUNNER" "$KUBESPRAY_HOME"
  run_record=$(run_py --record)
  printf '{"intent":"%s","record":%s}\n' "$DIGEST" "$run_record"
}

run_py() { "$KUBESPRAY_HOME/venv/bin/python3" -B "$RUNNER" "$@" "$KUBESPRAY_HOME"; }

# As described is what a run with this intent has ended in. Drift is only what another run would change: a cluster that
# does not answer, or a change that would be refused, is nothing that running the playbooks again could mend.
run_check() {
  if [ ! -d "$KUBESPRAY_HOME/venv" ]; then
    drift cluster kubespray "was never installed"
    return 0
  fi
  run_now="$(long_state kubespray) $(long_digest kubespray)"
  if [ "$run_now" = "succeeded $DIGEST" ]; then return 0; fi
  case $run_now in running*) fail "a run is going on" "follow it: vmstation bootstrap log --follow" ;; esac
  run_code=0
  run_py --plan >"$WORK/steps" 2>"$WORK/refused" || run_code=$?
  case $run_code in
    0) ;;
    3) drift cluster kubespray "these playbooks are due" "$WORK/steps" ;;
    *)
      cat "$WORK/refused" >&2
      fail "what is due cannot be told" "look at what is said above"
      ;;
  esac
}
