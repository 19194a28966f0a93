# shellcheck shell=sh
# On the controller: takes the agent NODE out of service before it gets RELEASE, or back into it afterwards (TURN).
step() {
  if ! applying; then return 0; fi
  # shellcheck disable=SC2086 # a program and its words
  quietly /bin/sh "$PROGRAM" "$TURN" "$NODE" "$RELEASE" "$KUBECONFIG" $KUBECTL ||
    fail "$NODE cannot be taken out of service, or back into it ($TURN)" "see above which pods stay, or look at 'kubectl describe node $NODE'"
}
