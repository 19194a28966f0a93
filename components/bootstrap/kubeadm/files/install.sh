# shellcheck shell=sh
# containerd, runc, CNI plugins and Kubernetes' own programs, each by its digest; their units.
step() {
  ensure_files
  if removing; then return 0; fi
  run_long kubeadm-artefacts "$DIGEST" /bin/sh "$FETCHER" "$LIST"
}
