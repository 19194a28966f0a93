# shellcheck shell=sh
# A short-lived join token, the key of the uploaded certificates, and a token by which a machine drains itself before an
# upgrade, as one line of JSON. A secret.
step() {
  if ! applying; then return 0; fi
  PATH=/usr/local/bin:$PATH
  token_config=/etc/kubernetes/admin.conf
  token_expires=$(($(date +%s) + TTL))
  token_value=$(kubeadm --kubeconfig "$token_config" token create --ttl "${TTL}s")
  token_hash=$(openssl x509 -in /etc/kubernetes/pki/ca.crt -pubkey -noout |
    openssl pkey -pubin -outform der | sha256sum | cut -c 1-64)
  token_key=
  if [ "$CONTROL_PLANES" -gt 1 ]; then
    token_key=$(kubeadm certs certificate-key)
    quietly kubeadm --kubeconfig "$token_config" init phase upload-certs --upload-certs --certificate-key "$token_key"
  fi
  token_upgrade=$(kubectl --kubeconfig "$token_config" -n kube-system create token vmstation-upgrade --duration "${TTL}s")
  printf '{"token":"%s","caHash":"sha256:%s","certificateKey":"%s","upgradeToken":"%s","expires":%s}\n' \
    "$token_value" "$token_hash" "$token_key" "$token_upgrade" "$token_expires"
}
