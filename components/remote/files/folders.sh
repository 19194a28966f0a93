# shellcheck shell=sh
# Folders, with owner and mode. One that was there before us and holds something is somebody's: neither its owner nor its
# mode is changed. In the manifest it has the detail "found"; an empty one that we took over, "found MODE UID:GID".

folder_key="the configuration"

# ensure_dir PATH MODE OWNER: one of the program's own. On removal it goes by the pruning, after what the step has in it.
ensure_dir() {
  case $VERB in
    apply) apply_dir "$@" ;;
    check) check_dir "$@" ;;
    remove) [ -z "${FOLDER_STRICT:-}" ] || remove_recorded dir "$1" ;;
  esac
}

# ensure_folder PATH MODE OWNER [KEY]: one that the configuration names, by its KEY
ensure_folder() {
  folder_key=${4:-the configuration}
  ! applying || ! is_system_folder "$1/" || fail "$1 is a folder of the system, or one that others use too" \
    "name a folder of its own, such as /srv/data, in $folder_key"
  ensure_strictly "$@"
}

ensure_strictly() {
  ! applying || require_no_link "$1"
  FOLDER_STRICT=1
  ensure_dir "$1" "$2" "$3"
  FOLDER_STRICT=
}

# ensure_place PATH MODE OWNER: made so where it is missing. What is there stays as it is: others set its owner and mode.
# It may be on a server that is away, so that nothing looks inside.
ensure_place() {
  case $VERB in
    apply)
      if [ ! -d "$1" ]; then
        ensure_strictly "$@"
      else
        record_dir "$1"
      fi
      ;;
    check) [ -d "$1" ] || drift dir "$1" "missing" ;;
    remove) remove_recorded dir "$1" ;;
  esac
}

apply_dir() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    mark_pending dir "$1"
    make_parents "$1"
    announce dir "$1"
    (enter "${1%/*}" && mkdir "./${1##*/}") || fail_moved "$1"
    record dir "$1"
    set_attributes "$@"
    return 0
  fi
  if [ ! -d "$1" ] || [ -L "$1" ]; then fail "$1 is no folder" "move it away on the machine, and run again"; fi
  folder_was=
  dir_is_full "$1" || folder_was=$(attributes_of "$1" 0)
  record_dir "$1" "$folder_was"
  if [ "$(attributes_of "$1" "$3")" = "$2 $3" ]; then return 0; fi
  if is_ours "$1"; then
    mark_pending dir "$1"
    set_attributes "$@"
  elif [ -n "$folder_was" ]; then
    mark_pending dir "$1"
    append_manifest dir "$1" "found $folder_was"
    set_attributes "$@"
  else
    owner_matches "$1" "$3" || fail_not_ours "$1" "$3"
  fi
}

# record_dir PATH [WAS]: ours as before, or found; WAS is what an empty one had when we took it over
record_dir() {
  if is_ours "$1"; then
    record dir "$1" "$(detail_of dir "$1")"
  else
    record dir "$1" "found${2:+ $2}"
  fi
  record_parents "$1"
}

# is_ours PATH: whether a step of ours has made it, or has taken it over while it was empty
is_ours() { grep -hsF "dir$TAB$1$TAB" "$STATE"/steps/* | grep -qvxF "dir$TAB$1${TAB}found"; }

# mkfs puts lost+found into a new file system.
dir_is_full() { [ -n "$(find "$1/" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]; }

owner_matches() {
  case $(attributes_of "$1" "$2") in *" $2") return 0 ;; *) return 1 ;; esac
}

check_dir() {
  if [ ! -d "$1" ] || [ -L "$1" ]; then
    drift dir "$1" "missing"
  elif [ "$(attributes_of "$1" "$3")" = "$2 $3" ]; then
    return 0
  elif is_ours "$1" || ! dir_is_full "$1"; then
    drift dir "$1" "mode and owner are $(attributes_of "$1" "$3"), not $2 $3"
  elif ! owner_matches "$1" "$3"; then
    drift dir "$1" "it was there before us, and belongs to $(stat -c %U:%G "$1"), not $3"
  fi
}

fail_not_ours() {
  fail "$1 was there before us, is not empty, and belongs to $(stat -c %U:%G "$1"), not $2; it stays as it is" \
    "where its content is meant for this, run 'chown -R $2 $1' on the machine; else name another folder in $folder_key; then run again"
}

# enter PATH: into it, and for a folder that the configuration names nowhere else: a link that somebody has put in its
# place, or in place of one above it, would lead there.
enter() {
  cd "${1:-/}" && { [ -z "${FOLDER_STRICT:-}" ] || [ "$(pwd -P)" = "${1:-/}" ]; }
}

# set_attributes PATH MODE OWNER: of what is there once we are inside, whatever takes its place meanwhile. Only with a
# fifth digit chmod takes the bits for set-user-ID and set-group-ID from a folder.
set_attributes() { (enter "$1" && chmod "0$2" . && chown "$3" .) || fail_moved "$1"; }

fail_moved() {
  fail "$1 cannot be made or given its owner and mode" \
    "read the lines above, and look at 'namei -om $1' on the machine: another process may have moved it, or it lies on a server that does not let root"
}

# require_no_link PATH: neither it nor a folder above it is one
require_no_link() {
  folder_there=$1
  while [ ! -e "$folder_there" ] && [ ! -L "$folder_there" ]; do
    folder_there=${folder_there%/*}
    folder_there=${folder_there:-/}
  done
  folder_real=$(readlink -f "$folder_there") || folder_real=nothing
  [ "$folder_real" = "$folder_there" ] ||
    fail "$folder_there is a link, or is reached by one, and stands for $folder_real" \
      "write the folder itself instead of the link in $folder_key"
}

# is_system_folder PATH/: the configuration has been checked for that; here it is seen again, where it would do harm.
is_system_folder() {
  case $1 in
    /bin/* | /boot/* | /dev/* | /etc/* | /lib*/* | /proc/* | /root/* | /run/* | /sbin/* | /sys/* | /usr/*) return 0 ;;
    / | // | /home/ | /media/ | /mnt/ | /opt/ | /srv/ | /tmp/ | /var/ | /var/lib/ | /var/log/) return 0 ;;
    /home/*/*/) return 1 ;;
    /home/*) return 0 ;;
    *) return 1 ;;
  esac
}

# forget_dir PATH [DETAIL]: only when it is empty, as what people put into it is theirs; and only what we have made. One
# that we took over gets back what it had.
forget_dir() {
  if [ ! -d "$1" ] || [ -L "$1" ]; then return 0; fi
  case ${2:-} in
    "found "*) dir_is_full "$1" || set_attributes "$1" "$(printf '%s' "$2" | cut -d ' ' -f 2)" "${2##* }" ;;
    found) ;;
    *) rmdir --ignore-fail-on-non-empty "$1" ;;
  esac
}
