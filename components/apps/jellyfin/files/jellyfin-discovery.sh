# shellcheck shell=sh
# The unit that answers Jellyfin's clients on the LAN.

step() {
  if removing; then
    ensure_unit vmstation-jellyfin-discovery.service enabled active
    ensure_files
    on_change files systemctl daemon-reload
    return 0
  fi
  ensure_files
  on_change files systemctl daemon-reload
  on_change files systemctl try-restart vmstation-jellyfin-discovery.service
  ensure_unit vmstation-jellyfin-discovery.service enabled active
}
