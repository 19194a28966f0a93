# shellcheck shell=sh disable=SC2154
# The power controller: its programs, units and key. Prints the public key.

step() {
  ensure_controller 0750 "vmstation power controller on $MACHINE"
  removing || install_files
  ensure_units
  finish_controller install_files
}

install_files() {
  while read -r each; do ensure_file "$each" "$(tag_of "$each")"; done <"$WORK/paths"
  on_change unit systemctl daemon-reload
  on_change socket systemctl daemon-reload
}

# What has to follow a change of the file.
tag_of() {
  case $1 in
    *.socket) echo socket ;;
    *.service | *.timer) echo unit ;;
    *) echo program ;;
  esac
}

ensure_units() {
  ensure_unit vmstation-autosleep.timer enabled active
  ensure_unit vmstation-event-wake.service enabled active
  if [ "$CONNECT" = true ]; then
    # systemd refuses to start a socket whose service runs without it.
    on_change socket systemctl stop vmstation-connect.service
    # Before the restart, which would make it one that ran already.
    ensure_unit vmstation-connect.socket enabled active
    on_change socket systemctl restart vmstation-connect.socket
    ensure_unit vmstation-connect.service enabled active
  fi
  removing || follow_changes
}

# A unit that ensure_unit has just started runs the new program already; to restart it again does no harm.
follow_changes() {
  on_change unit systemctl restart vmstation-autosleep.timer
  for changed in unit program; do
    on_change "$changed" systemctl restart vmstation-event-wake.service
    [ "$CONNECT" != true ] || on_change "$changed" systemctl restart vmstation-connect.service
  done
}
