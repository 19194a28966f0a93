# shellcheck shell=sh
# The key by which the API server encrypts Secrets in etcd. Under another one it could read none of those that are there.

KEY_FILE=/etc/vmstation/kubeadm/encryption.yaml
# What a control plane has, or had before it was brought back from its backup; `kubeadm reset` takes all of it away.
KEY_CLUSTER="/var/lib/etcd/member /etc/kubernetes/pki/ca.key /etc/kubernetes/admin.conf /etc/kubernetes/manifests/kube-apiserver.yaml"

# keep_key MARK: before anything is touched. MARK is as in existing.sh. Keys are compared in files and never shown.
keep_key() {
  [ -s "$KEY_FILE" ] && [ -e "$WORK/files$KEY_FILE" ] || return 0
  if ! key_is_in_use || key_goes_with_wipe "$1"; then return 0; fi
  keys_of "$KEY_FILE" >"$WORK/keys"
  keys_of "$WORK/files$KEY_FILE" >"$WORK/wanted-keys"
  # A further one that somebody added by hand may not get lost either.
  if ! grep -qvxFf "$WORK/wanted-keys" "$WORK/keys"; then return 0; fi
  fail "Secrets of this cluster are encrypted by a key in $KEY_FILE that the stack's state has not: under the stack's key nobody could read them any more. The file stays as it is" \
    "where an earlier version made the cluster: 'npx vmstation migrate', then 'npx vmstation up'; where the state was lost, bring it back: docs/updating.md says how"
}

key_is_in_use() {
  for key_each in $KEY_CLUSTER; do
    [ ! -e "$key_each" ] || return 0
  done
  return 1
}

# key_goes_with_wipe MARK: whether guard_existing is about to wipe the cluster, as the user wants it to
key_goes_with_wipe() {
  [ ! -e "$STATE/bootstrap/kubeadm" ] && [ -e "$1" ] && [ "$EXISTING" = reset ] && [ "$RESET_CLUSTER" = "$CLUSTER" ]
}

# keys_of FILE: every word in it that is long enough for a key, one to a line, whichever way the YAML is written. None in a
# file is no failure; a file that cannot be read is.
keys_of() {
  sed 's/#.*//' "$1" >"$WORK/words"
  grep -oE '[A-Za-z0-9+/]{22,}=*' "$WORK/words" || [ $? = 1 ]
}
