# shellcheck shell=sh disable=SC2154
# A controller and its agents: the controller has a key that was made there; each agent's machine has an account that
# only keys open, and lets that key run the agent and nothing else.

# ensure_controller MODE COMMENT: its folders and its key. MODE: of the folder with its state.
ensure_controller() {
  ensure_dir "/etc/vmstation/$ROLE" 0700 root:root
  ensure_dir "/var/lib/vmstation/$ROLE" "$1" root:root
  ensure_dir /var/lib/node_exporter 0755 root:root
  ensure_dir /var/lib/node_exporter/textfile_collector 0755 root:root
  removing || ensure_key "$KEY" "$2"
}

# finish_controller INSTALL: prints the public key. On removal the units are stopped by now, and the files that the
# function INSTALL has put there go.
finish_controller() {
  ! removing || ensure_key "$KEY"
  ! removing || "$1"
  ! removing || systemctl daemon-reload
  ! applying || cat "$KEY.pub"
}

# ensure_agent: the account that the controller logs in as, and what it may run.
ensure_agent() {
  ensure_account "$AGENT_USER" "$AGENT_HOME"
  ensure_files
}

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
