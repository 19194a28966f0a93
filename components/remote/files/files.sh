# shellcheck shell=sh
# Files: whole, atomic, with owner and mode; what was there before is kept and comes back on removal.

# file PATH MODE OWNER VALIDATOR VISIBILITY: takes the wanted content from standard input. Called by files().
file() {
  [ -d "$WORK/meta${1%/*}" ] || mkdir -p "$WORK/files${1%/*}" "$WORK/meta${1%/*}"
  cat >"$WORK/files$1"
  printf '%s\n' "$2" "$3" "$4" "$5" >"$WORK/meta$1"
  printf '%s\n' "$1" >>"$WORK/paths"
}

# file64: the same for content that is no plain ASCII text.
file64() { base64 -d | file "$@"; }

# ensure_files [TAG]: all that the step brings, in order.
ensure_files() {
  [ -e "$WORK/paths" ] || return 0
  while read -r each; do ensure_file "$each" "${1:-files}"; done <"$WORK/paths"
}

# ensure_file PATH [TAG]
ensure_file() {
  {
    read -r file_mode
    read -r file_owner
    read -r file_validator
    read -r file_visibility
  } <"$WORK/meta$1"
  case $VERB in
    apply) apply_file "$1" "${2:-files}" ;;
    check) check_file "$1" ;;
    remove) ! recorded file "$1" || { mark_pending "${2:-files}" "$1" && remove_recorded file "$1"; } ;;
  esac
}

file_matches() {
  [ -f "$1" ] && [ ! -L "$1" ] && cmp -s "$WORK/files$1" "$1" && attributes_match "$1"
}

attributes_match() { [ "$(attributes_of "$1" "$file_owner")" = "$file_mode $file_owner" ]; }

# attributes_of PATH OWNER: mode and owner, by number where OWNER is written so
attributes_of() {
  case $2 in
    [0-9]*) stat -c '%04a %u:%g' "$1" ;;
    *) stat -c '%04a %U:%G' "$1" ;;
  esac
}

apply_file() {
  take_digest "$WORK/files$1"
  record file "$1" "$digest"
  make_parents "$1"
  if file_matches "$1"; then return 0; fi
  validate "$file_validator" "$WORK/files$1" "$1"
  mark_pending "$2" "$1"
  if ! recorded file "$1"; then
    # What another step of ours has put there is no original.
    find_other_holder "$1" || keep_original "$1"
    append_manifest file "$1"
  fi
  install_file "$WORK/files$1" "$1" "$file_mode" "$file_owner"
}

# take_digest PATH: sets digest
take_digest() {
  digest=$(sha256sum <"$1")
  digest=${digest%% *}
}

# make_parents PATH: the folders above it; those that we make are ours to take away again, once they are empty.
make_parents() {
  parent=${1%/*}
  [ -n "$parent" ] || return 0
  if [ ! -d "$parent" ]; then
    make_parents "$parent"
    parent=${1%/*}
    announce dir "$parent"
    mkdir "$parent"
  fi
  record_parents "$1"
}

record_parents() {
  parent=${1%/*}
  while [ -n "$parent" ] && recorded dir "$parent"; do
    record dir "$parent" "$(detail_of dir "$parent")"
    parent=${parent%/*}
  done
}

check_file() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    drift file "$1" "missing"
  elif [ ! -f "$1" ] || [ -L "$1" ]; then
    drift file "$1" "no regular file"
  elif ! cmp -s "$WORK/files$1" "$1"; then
    if [ "$file_visibility" = secret ]; then
      drift file "$1" "content differs (it holds a secret and is not shown)"
    else
      diff -u --label described --label machine "$WORK/files$1" "$1" >"$WORK/diff" || :
      drift file "$1" "content differs" "$WORK/diff"
    fi
  elif ! attributes_match "$1"; then
    drift file "$1" "mode and owner are $(attributes_of "$1" "$file_owner"), not $file_mode $file_owner"
  fi
}

# The administrator's file or link: kept before our first write. A copy of an earlier time, of a removal that was
# cut after it had released the file, is out of date.
keep_original() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi
  [ ! -d "$1" ] || fail "$1 is a folder" "move it away"
  mkdir -p "$STATE/originals${1%/*}"
  chmod 700 "$STATE/originals"
  cp -a "$1" "$STATE/originals$1.new"
  sync "$STATE/originals${1%/*}"
  mv -f "$STATE/originals$1.new" "$STATE/originals$1"
}

# install_file SOURCE PATH MODE OWNER: complete or not at all, also when the power goes.
install_file() {
  install_temporary=$(mktemp "${2%/*}/.vmstation.XXXXXX") ||
    fail "cannot write in ${2%/*}" "look at 'findmnt -T ${2%/*}' and 'df ${2%/*}' on the machine"
  if ! cat "$1" >"$install_temporary" || ! chmod "$3" "$install_temporary" ||
    ! chown "$4" "$install_temporary" || ! sync "$install_temporary"; then
    rm -f "$install_temporary"
    fail "cannot write $2" "look at 'df ${2%/*}' on the machine, and whether the owner $4 exists there"
  fi
  mv -f "$install_temporary" "$2"
  sync "${2%/*}"
  # SELinux labels a new file by its folder's rule, not by mktemp's.
  if command -v restorecon >/dev/null 2>&1; then restorecon "$2"; fi
}

# forget_file PATH [DIGEST]: what we put there goes, what was there before comes back; hand edits are kept aside.
forget_file() {
  [ ! -d "$1" ] || [ -L "$1" ] || return 0
  if [ -f "$1" ] && [ -n "${2:-}" ] && take_digest "$1" && [ "$digest" != "$2" ]; then
    mkdir -p "$STATE/removed${1%/*}"
    chmod 700 "$STATE/removed"
    cp -a "$1" "$STATE/removed$1.$(date -u +%Y%m%dT%H%M%SZ)"
  fi
  if [ -e "$STATE/originals$1" ] || [ -L "$STATE/originals$1" ]; then
    cp -a "$STATE/originals$1" "${1%/*}/.vmstation.restore"
    mv -f "${1%/*}/.vmstation.restore" "$1"
  else
    rm -f "$1"
  fi
}

# validate KIND CANDIDATE PATH: a file that its reader refuses never replaces one that it reads.
validate() {
  validator=$1
  case $1 in
    none) return 0 ;;
    sshd) set -- "$@" sshd -t -f "$2" ;;
    sudoers) set -- "$@" visudo -cqf "$2" ;;
    nft) set -- "$@" nft -c -f "$2" ;;
    chrony) set -- "$@" chronyd -p -f "$2" ;;
    rsyslog) set -- "$@" rsyslogd -N1 -f "$2" ;;
    keepalived) set -- "$@" keepalived --config-test --use-file="$2" ;;
    shell) set -- "$@" sh -n "$2" ;;
    python) set -- "$@" python3 -c 'import ast,sys; ast.parse(open(sys.argv[1],"rb").read())' "$2" ;;
    *) fail "no such validator: $1" "this is a fault of the program: please report it" ;;
  esac
  validated_path=$3
  shift 3
  "$@" >"$WORK/validation" 2>&1 || {
    sed 's/^/  /' "$WORK/validation" >&2 || :
    fail "the new $validated_path is refused by $validator and the old one stays" "mend the configuration that it is made from"
  }
}

# ensure_block PATH TEXT [TAG]: our lines in a file that others write too, between two marks. They stay where they
# are: what others write above and below them is no business of ours.
ensure_block() {
  case $VERB in
    remove) remove_recorded block "$1" ;;
    *)
      printf '%s\n' "# BEGIN vmstation $STEP" "$2" "# END vmstation $STEP" >"$WORK/block"
      "${VERB}_block" "$1" "${3:-files}"
      ;;
  esac
}

apply_block() {
  record block "$1"
  put_block "$1" "$WORK/block" >"$WORK/whole" || fail_open_block "$1"
  if [ -e "$1" ] && cmp -s "$WORK/whole" "$1"; then return 0; fi
  mark_pending "$2" "$1"
  announce block "$1"
  install_like "$WORK/whole" "$1"
}

check_block() {
  if ! put_block "$1" "$WORK/block" >"$WORK/whole"; then
    drift block "$1" "our lines have no end: the line '# END vmstation $STEP' is missing"
  elif ! cmp -s "$WORK/whole" "$1"; then
    diff -u --label described --label machine "$WORK/whole" "$1" >"$WORK/diff" 2>&1 || :
    drift block "$1" "our lines differ" "$WORK/diff"
  fi
}

# put_block PATH BLOCK: the file with BLOCK where our lines are, or at its end; code 1 where they have no end. A last
# line without a newline gets one.
put_block() {
  [ -e "$1" ] || set -- /dev/null "$2"
  BLOCK=$2 STEP=$STEP awk '
    function put(line) {
      while ((getline line <ENVIRON["BLOCK"]) > 0) print line
      placed = 1
    }
    $0 == "# BEGIN vmstation " ENVIRON["STEP"] {
      if (inside) exit
      inside = 1
      if (!placed) put()
    }
    !inside
    $0 == "# END vmstation " ENVIRON["STEP"] {inside = 0}
    END {
      if (inside) exit 1
      if (!placed) put()
    }' "$1"
}

fail_open_block() {
  fail "in $1 the line '# END vmstation $STEP' is missing, so that our lines there have no end" \
    "put it back below them, or delete our lines from '# BEGIN vmstation $STEP' on; then run again"
}

install_like() { install_file "$1" "$2" "$(stat -c %04a "$2" 2>/dev/null || echo 0644)" "$(stat -c %U:%G "$2" 2>/dev/null || echo root:root)"; }

forget_block() {
  [ -e "$1" ] || return 0
  grep -qxF "# BEGIN vmstation $STEP" "$1" || return 0
  put_block "$1" /dev/null >"$WORK/whole" || fail_open_block "$1"
  install_like "$WORK/whole" "$1"
}
