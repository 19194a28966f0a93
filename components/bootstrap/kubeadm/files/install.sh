# shellcheck shell=sh
# containerd, runc, CNI plugins and Kubernetes' own programs, each by its digest; their units. RENEWS: whether this is a
# control plane whose certificates a timer renews.
step() {
  ensure_files
  on_change files systemctl daemon-reload
  if [ "$RENEWS" = true ]; then ensure_unit vmstation-renew-certificates.timer enabled active; fi
  if removing; then return 0; fi
  run_long kubeadm-artefacts "$DIGEST" /bin/sh "$FETCHER" "$LIST"
}
