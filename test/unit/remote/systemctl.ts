/** Stands in for systemd: keeps what is enabled, active or busy as files, and says on standard output what it did. */
export const SYSTEMCTL = `exec 3>&1
unit_file() {
  if [ -e "$STATE/masked-$1" ]; then echo masked; return 0; fi
  case $1 in *.target) echo static; return 0 ;; esac
  if [ -e "$STATE/enabled-$1" ]; then echo enabled; else echo disabled; fi
}
unit_block() {
  case $1 in alias.service) id=real.service ;; *) id=$1 ;; esac
  case $1 in gone*) load=not-found ;; *) load=loaded ;; esac
  if [ -e "$STATE/active-$1" ]; then active=active; else active=inactive; fi
  printf 'Id=%s\\nLoadState=%s\\nActiveState=%s\\n' "$id" "$load" "$active"
}
systemctl() {
  case $* in
    *LoadState*)
      shift 8
      for unit in "$@"; do [ "$unit" = "$1" ] || echo; unit_block "$unit"; done
      return 0
      ;;
    *" lost.service"*) return 1 ;;
  esac
  case $1 in
    show) case "$3 $6" in "Id alias.service") echo real.service ;; Id*) echo "$6" ;; *) echo /srv ;; esac ;;
    is-enabled)
      shift
      [ "$1" != -- ] || shift
      for unit in "$@"; do unit_file "$unit"; done
      ;;
    is-active) if [ -e "$STATE/active-$2" ]; then echo active; else echo inactive; fi ;;
    *)
      [ ! -e "$STATE/busy-\${2:-}" ] || return 1
      echo "$*" >&3
      case $1 in
        enable) : >"$STATE/enabled-$3" ;;
        disable) rm -f "$STATE/enabled-$3" ;;
        mask) : >"$STATE/masked-$3" ;;
        unmask) rm -f "$STATE/masked-$3" ;;
        start) : >"$STATE/active-$2" ;;
        stop) rm -f "$STATE/active-$2" ;;
      esac
      ;;
  esac
}`;
