# shellcheck shell=sh
# A cluster that is on the machine and not ours is refused, adopted or wiped, as the policy says. FIXED is as in fixed.sh.

# A new machine in the place of the one that began the cluster would begin a second one, which the others never join.
guard_peers() {
  printf '%s\n' "$PEERS" | while read -r guard_name guard_address; do
    [ -n "$guard_name" ] || continue
    # Whatever an API server answers: it is there.
    ! curl --silent --insecure --output /dev/null --max-time 5 "https://$guard_address/version" || fail \
      "$guard_name runs an API server, and nothing of a cluster is on this machine: a second cluster would begin here" \
      "bring this control plane back from its backup (docs/backup.md); where the cluster of $guard_name is to go, take it away there first"
  done
}

# guard_existing METHOD MARK WIPE...: MARK is a file that the method leaves, WIPE the command that takes it away.
guard_existing() {
  guard_record=$STATE/bootstrap/$1
  guard_mark=$2
  shift 2
  [ ! -e "$guard_record" ] || return 0
  for guard_file in $OTHER_MARKS; do
    [ ! -e "$guard_file" ] ||
      fail "a cluster of another installer is on this machine ($guard_file)" \
        "choose that method in vmstation:bootstrap, or take that cluster away with its own installer"
  done
  if [ -e "$guard_mark" ]; then
    case $EXISTING in
      adopt) say "$STEP: adopting the cluster that is on this machine" ;;
      reset)
        [ "$RESET_CLUSTER" = "$CLUSTER" ] || fail "bootstrap.existing says reset, which wipes the cluster" \
          "set vmstation:bootstrap.resetClusterName to $CLUSTER as well, if that is what you want"
        say "$STEP: wiping the cluster that is on this machine"
        quietly "$@"
        ;;
      *)
        fail "a cluster runs here that this stack did not install" \
          "set vmstation:bootstrap.existing to adopt, to take it over as it is"
        ;;
    esac
  fi
  [ -e "$guard_mark" ] || guard_peers
  # Also where a wipe was cut before it came to them.
  if [ "$EXISTING" = reset ] && [ "$RESET_CLUSTER" = "$CLUSTER" ]; then
    forget_pod_routes "$(printf '%s\n' "$FIXED" | awk -F '\t' '$1 == "network.podCidr" {print $2}')"
  fi
  # From here on what is there is ours, also when the installation is cut and continued.
  mkdir -p "${guard_record%/*}"
  date -u +%FT%TZ >"$guard_record"
}
