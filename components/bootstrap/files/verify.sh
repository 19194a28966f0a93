# shellcheck shell=sh
# The smoke test of a cluster, whichever method installed it. KUBECTL, KUBECONFIG and SPEC are settings.
step() {
  ensure_files
  if removing; then return 0; fi
  verify_mode=
  if checking; then verify_mode=look; else say "$STEP: API, machines, CoreDNS, Calico and a pod"; fi
  if python3 "$VERIFIER" "$KUBECTL" "$KUBECONFIG" "$SPEC" "$verify_mode" 2>"$WORK/problems"; then return 0; fi
  if checking; then
    drift cluster health "does not work" "$WORK/problems"
    return 0
  fi
  sed 's/^/  /' "$WORK/problems" >&2 || :
  fail "the cluster does not work" "look at what is said above; 'journalctl -u kubelet' on a machine that is not Ready"
}
