# shellcheck shell=sh
# The API server's certificate of a cluster that was made before it had the address, where kubeadm made it (PKI: its folder;
# "" where the method adds names by itself). It stays as it is but for one more address, and keeps its key: one file
# changes, at once, and the API server reads it by itself.

# ensure_certificate: before anybody connects to the address
ensure_certificate() {
  [ -n "$PKI" ] || return 0
  certificate_file=$PKI/apiserver.crt
  if [ ! -s "$certificate_file" ] || certificate_has "$certificate_file"; then return 0; fi
  if checking; then
    drift file "$certificate_file" "the API server's certificate has no address $ADDRESS"
    return 0
  fi
  [ -s "$PKI/ca.key" ] || fail "the API server's certificate needs the address $ADDRESS, and $PKI/ca.key is not here to sign it" \
    "sign a certificate with that address where the key is and put it in $certificate_file, then run again"
  say "$STEP: the API server's certificate gets the address $ADDRESS"
  certificate_sign >"$WORK/apiserver.crt" || fail "no certificate can be signed with $PKI/ca.key" "read the lines above"
  certificate_has "$WORK/apiserver.crt" || fail "the new certificate has no address $ADDRESS" "this is a fault of the program: please report it"
  install_like "$WORK/apiserver.crt" "$certificate_file"
  certificate_wait
}

certificate_has() { openssl x509 -in "$1" -noout -checkip "$ADDRESS" | grep -q 'does match'; }

# The names of the one that is there, as openssl reads them in a configuration, and the address.
certificate_names() {
  openssl x509 -in "$certificate_file" -noout -ext subjectAltName |
    sed -n '2{s/IP Address:/IP:/g; s/, */,/g; s/^ *//; p;}'
}

certificate_sign() {
  cat >"$WORK/extensions" <<END
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
basicConstraints = critical, CA:FALSE
authorityKeyIdentifier = keyid
subjectAltName = $(certificate_names),IP:$ADDRESS
END
  openssl req -new -key "$PKI/apiserver.key" -subj /CN=kube-apiserver -out "$WORK/request" &&
    quietly openssl x509 -req -in "$WORK/request" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -sha256 -days 365 \
      -set_serial "0x$(openssl rand -hex 16)" -extfile "$WORK/extensions" -out "$WORK/signed" &&
    cat "$WORK/signed"
}

# Until the API server here shows it: it looks at its files every minute, at the latest.
certificate_wait() {
  certificate_tries=0
  while [ "$certificate_tries" -lt 100 ]; do
    certificate_tries=$((certificate_tries + 1))
    openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null >"$WORK/shown" || return 0
    ! certificate_has "$WORK/shown" || return 0
    sleep 1
  done
  fail "the API server here still shows its old certificate, without $ADDRESS" \
    "start it again: move /etc/kubernetes/manifests/kube-apiserver.yaml away and back, then run again"
}
