# shellcheck shell=sh
# The controller's key among those that may log in as LOGIN_USER, from the controller's address only.
step() {
  access_home=$(getent passwd "$LOGIN_USER" | cut -d : -f 6)
  [ -n "$access_home" ] || fail "there is no user $LOGIN_USER" "name one with sudo in machines.$MACHINE.sshUser"
  access_file=$access_home/.ssh/authorized_keys
  access_line="from=\"$FROM\",no-agent-forwarding,no-port-forwarding,no-X11-forwarding $PUBLIC_KEY"
  case $VERB in
    apply)
      record key "$access_file"
      if [ "$(access_ours)" = "$access_line" ]; then return 0; fi
      say "$STEP: authorising the controller's key"
      access_write "$access_line"
      ;;
    check) [ "$(access_ours)" = "$access_line" ] || drift key "$access_file" "the controller's key is missing or differs" ;;
    remove) forget_key "$access_file" ;;
  esac
}

# Our line is the one that ends in the key's comment.
access_ours() { [ ! -e "$access_file" ] || sed -n '/ vmstation-controller$/p' "$access_file"; }

# access_write [LINE]: all other lines as they are, then ours; never a file that is half written.
access_write() {
  access_group=$(id -g "$LOGIN_USER")
  [ -d "${access_file%/*}" ] || install -d -m 0700 -o "$LOGIN_USER" -g "$access_group" "${access_file%/*}"
  : >"$WORK/keys"
  [ ! -e "$access_file" ] || sed '/ vmstation-controller$/d' "$access_file" >"$WORK/keys"
  # A last line without an end would swallow ours.
  [ -z "$(tail -c 1 "$WORK/keys")" ] || echo >>"$WORK/keys"
  [ -z "${1:-}" ] || printf '%s\n' "$1" >>"$WORK/keys"
  access_new=$(mktemp "${access_file%/*}/.vmstation.XXXXXX")
  cat "$WORK/keys" >"$access_new"
  chmod 600 "$access_new"
  chown "$LOGIN_USER:$access_group" "$access_new"
  sync "$access_new"
  mv -f "$access_new" "$access_file"
  if command -v restorecon >/dev/null 2>&1; then restorecon "$access_file"; fi
}

forget_key() {
  access_file=$1
  [ -z "$(access_ours)" ] || access_write
}
