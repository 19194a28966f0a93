# shellcheck shell=sh
# Inventory, variables and host keys for Kubespray; what Kubespray itself keeps beside them stays.
step() {
  if applying; then inventory_keep_gone "$KUBESPRAY_HOME/inventory/known_hosts"; fi
  ensure_files
}

# inventory_keep_gone FILE: host keys of machines that left the configuration are kept beside it, until run.py has removed
# them from the cluster: that takes a connection to them. An address that another machine has by now keeps none.
inventory_keep_gone() {
  if [ ! -e "$1" ] && [ ! -e "$1.gone" ]; then return 0; fi
  cat /dev/null "$WORK/files$1" | cut -d ' ' -f 1 >"$WORK/known"
  for inventory_file in "$1" "$1.gone"; do [ ! -e "$inventory_file" ] || cat "$inventory_file"; done |
    KNOWN=$WORK/known awk '
      BEGIN {while ((getline name <ENVIRON["KNOWN"]) > 0) known[name]}
      NF && !($1 in known) && !seen[$0]++' >"$WORK/gone"
  if [ ! -s "$WORK/gone" ]; then
    rm -f "$1.gone"
  elif ! cmp -s "$WORK/gone" "$1.gone"; then
    install_file "$WORK/gone" "$1.gone" 0600 root:root
  fi
}
