# shellcheck shell=sh
# containerd, runc, CNI plugins and Kubernetes' own programs, each by its digest; their units. RENEWS: whether this is a
# control plane whose certificates a timer renews. CONTAINERD: the files that containerd reads when it starts. HELM: whether the helm command is to be found on this machine.
step() {
  if applying && is_member; then refuse_changes; fi
  for install_file in $CONTAINERD; do ensure_file "$install_file" containerd; done
  ensure_files
  on_change files systemctl daemon-reload
  # Containers outlive it.
  on_change containerd systemctl try-restart containerd.service
  if [ "$RENEWS" = true ]; then ensure_unit vmstation-renew-certificates.timer enabled active; fi
  if removing; then return 0; fi
  run_long kubeadm-artefacts "$DIGEST" /bin/sh "$FETCHER" "$LIST"
  if applying; then install_link_helm; fi
}

# The archive's folder is named after the machine's architecture. A helm of somebody else's is left as it is.
install_link_helm() {
  case $(uname -m) in
    aarch64) install_helm=/opt/helm/linux-arm64/helm ;;
    *) install_helm=/opt/helm/linux-amd64/helm ;;
  esac
  if [ "$HELM" = true ]; then
    [ -h /usr/local/bin/helm ] || [ ! -e /usr/local/bin/helm ] || return 0
    ln -sfn "$install_helm" /usr/local/bin/helm
  elif [ "$(readlink /usr/local/bin/helm || :)" = "$install_helm" ]; then
    rm -f /usr/local/bin/helm
  fi
}
