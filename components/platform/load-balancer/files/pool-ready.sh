# shellcheck shell=sh
# Nobody on the LAN has an address of the pool, and MetalLB takes the pool. CHECK and SPEC are settings.
step() {
  ensure_files
  if ! applying; then return 0; fi
  PATH=$PATH:/usr/local/bin:/var/lib/rancher/rke2/bin
  export PATH
  say "$STEP: asking the LAN for the pool's new addresses, and waiting for MetalLB"
  ready=0
  python3 -B "$CHECK" "$SPEC" 2>"$WORK/said" || ready=$?
  sed 's/^/  /' "$WORK/said" >&2
  if [ "$ready" = 0 ]; then return 0; fi
  case $ready in
    1) fail "addresses of vmstation:platform.loadBalancer.addresses are in use" \
      "take them out of the pool, or give that device another address; look at your router's DHCP range" ;;
    *) fail "MetalLB does not take its pool" \
      "look at its controller: kubectl -n metallb-system logs deployment/metallb-controller; then run the program again" ;;
  esac
}
