# shellcheck shell=sh
# The network is ready when pods on two machines reach each other. CHECK and SPEC are settings.
step() {
  ensure_files
  if ! applying; then return 0; fi
  PATH=$PATH:/usr/local/bin:/var/lib/rancher/rke2/bin
  export PATH
  say "$STEP: pods on the machines that are up ask each other"
  reach=0
  python3 "$CHECK" "$SPEC" 2>"$WORK/problems" || reach=$?
  if [ "$reach" = 0 ]; then return 0; fi
  sed 's/^/  /' "$WORK/problems" >&2
  case $reach in
    1) fail "pods on different machines do not reach each other" \
      "look at Calico: calicoctl node status, kubectl -n kube-system logs -l k8s-app=calico-node; IP protocol 4 and port 179 must be let through between the machines" ;;
    *) fail "it could not be seen whether pods reach each other" "mend what is said above and run the program again" ;;
  esac
}
