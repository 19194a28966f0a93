# shellcheck shell=sh
# The run: run.py decides from the record, the cluster and wanted.json which playbooks are due.
step() {
  ensure_files
  case $VERB in
    apply) run_long kubespray "$DIGEST" "$KUBESPRAY_HOME/venv/bin/python3" -B "$RUNNER" "$KUBESPRAY_HOME" ;;
    check)
      run_code=0
      "$KUBESPRAY_HOME/venv/bin/python3" -B "$RUNNER" --plan "$KUBESPRAY_HOME" >"$WORK/steps" 2>"$WORK/refused" || run_code=$?
      case $run_code in
        0) ;;
        3) drift cluster kubespray "these playbooks are due" "$WORK/steps" ;;
        *) drift cluster kubespray "cannot be compared" "$WORK/refused" ;;
      esac
      ;;
    remove) ;;
  esac
}
