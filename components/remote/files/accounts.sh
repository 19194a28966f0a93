# shellcheck shell=sh disable=SC2154
# Who may log in to do one thing: a key made on the machine, and an account that only keys open.

# ensure_key PATH COMMENT: made here and never leaves the machine.
ensure_key() {
  case $VERB in
    apply)
      record key "$1"
      if [ -s "$1" ] && [ -s "$1.pub" ]; then return 0; fi
      mark_pending key "$1"
      announce key "$1"
      rm -f "$1" "$1.pub"
      quietly ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1" ||
        fail "no key can be made" "look at 'df ${1%/*}' on the machine"
      ;;
    check) if [ ! -s "$1" ] || [ ! -s "$1.pub" ]; then drift key "$1" "missing"; fi ;;
    remove) remove_recorded key "$1" ;;
  esac
}

forget_key() { rm -f "$1" "$1.pub"; }

# ensure_account NAME HOME: a key may log in, no password can ("*" is not a locked account to sshd).
ensure_account() {
  case $VERB in
    apply)
      record account "$1" "$2"
      if account_matches "$1" "$2"; then return 0; fi
      mark_pending account "$1"
      announce account "$1"
      if id "$1" >/dev/null 2>&1; then
        usermod --home "$2" --shell /bin/sh --password '*' "$1"
      else
        useradd --system --home-dir "$2" --no-create-home --shell /bin/sh --password '*' "$1"
      fi
      mkdir -p "$2/.ssh"
      chown -R root:root "$2"
      chmod 0755 "$2" "$2/.ssh"
      ;;
    check) account_matches "$1" "$2" || drift account "$1" "missing or different" ;;
    remove) remove_recorded account "$1" ;;
  esac
}

account_matches() {
  case $(getent passwd "$1") in
    *":$2:/bin/sh") [ -d "$2/.ssh" ] ;;
    *) return 1 ;;
  esac
}

# forget_account NAME HOME: by force, for somebody may be logged in just now.
forget_account() {
  ! id "$1" >/dev/null 2>&1 || quietly userdel --force "$1"
  [ -z "${2:-}" ] || rm -rf "${2:?}"
}
