# shellcheck shell=sh
# Inventory, variables and host keys for Kubespray; what Kubespray itself keeps beside them stays.
step() { ensure_files; }
