# shellcheck shell=sh
# What the layers need installed, and services that a server has no use for off.

step() {
  ensure_packages "$PACKAGES"
  for each_unit in $UNWANTED_UNITS; do ensure_unit "$each_unit" disabled inactive; done
}
