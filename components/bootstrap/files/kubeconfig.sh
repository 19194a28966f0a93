# shellcheck shell=sh
# Prints the administrator's kubeconfig with the endpoint that other computers use. The output is a secret.
step() {
  if ! applying; then return 0; fi
  [ -s "$KUBECONFIG" ] || fail "there is no $KUBECONFIG" "run the bootstrap again"
  grep -q '^    server: https://' "$KUBECONFIG" || fail "$KUBECONFIG names no server" "look at the file"
  sed "s|^    server: https://.*|    server: $ENDPOINT|" "$KUBECONFIG"
}
