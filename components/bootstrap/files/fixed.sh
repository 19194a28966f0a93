# shellcheck shell=sh
# Settings that a running cluster keeps. FIXED: lines KEY, VALUE, when a change is refused, "by hand" or "never", what to
# do, between tabs. What the cluster on this machine was installed with lies in $STATE/bootstrap/fixed, as KEY and VALUE.
# The method's own script defines show_fixed KEY VALUE: what the machine shows of a key, nothing where it does not show.

# refuse_changes: before anything is touched; every refusal at once. Called where the machine belongs to a cluster of ours.
refuse_changes() {
  : >"$WORK/refused"
  printf '%s\n' "$FIXED" >"$WORK/fixed"
  while IFS=$TAB read -r fixed_key fixed_value fixed_when fixed_hand fixed_advice; do
    [ -z "$fixed_key" ] || fixed_compare
  done <"$WORK/fixed"
  fixed_left_out
  [ -s "$WORK/refused" ] || return 0
  cat "$WORK/refused" >&2
  fail "$(grep -c '^  [^ ]' "$WORK/refused") setting(s) cannot change under a running cluster; nothing was changed" \
    "see above, for each of them"
}

fixed_compare() {
  fixed_was=$(fixed_recorded)
  [ -n "$fixed_was" ] || fixed_was=$(show_fixed "$fixed_key" "$fixed_value")
  if [ -z "$fixed_was" ] || [ "$fixed_was" = "$fixed_value" ] || fixed_allowed; then return 0; fi
  if [ "$fixed_hand" = "by hand" ] && fixed_changed_by_hand; then return 0; fi
  printf '  vmstation:%s: the cluster has %s, the configuration says %s\n    to do: %s\n' \
    "$fixed_key" "$fixed_was" "$fixed_value" "$fixed_advice" >>"$WORK/refused"
}

# An address that the configuration no longer has: it has no line in FIXED.
fixed_left_out() {
  fixed_key=machines.$MACHINE.clusterAddress
  fixed_was=$(fixed_recorded)
  if [ -z "$fixed_was" ] || printf '%s\n' "$FIXED" | cut -f 1 | grep -qxF -- "$fixed_key"; then return 0; fi
  printf '  vmstation:%s: the cluster has %s, the configuration says nothing\n    to do: %s\n' "$fixed_key" "$fixed_was" \
    "put it back; without it the cluster is made again by 'vmstation reset hard', then 'up'" >>"$WORK/refused"
}

# A worker does not show what the API server was started with: that is left to the control planes, which do.
fixed_changed_by_hand() {
  fixed_shown=$(show_fixed "$fixed_key" "$fixed_value")
  fixed_roles=$(fixed_wanted_roles)
  [ "$fixed_shown" = "$fixed_value" ] ||
    { [ -z "$fixed_shown" ] && [ -n "$fixed_roles" ] && is_worker_text "$fixed_roles"; }
}

fixed_wanted_roles() {
  printf '%s\n' "$FIXED" | KEY=machines.$MACHINE.roles awk -F '\t' '$1 == ENVIRON["KEY"] {print $2}'
}

fixed_recorded() {
  [ ! -e "$STATE/bootstrap/fixed" ] ||
    KEY=$fixed_key awk -F '\t' '$1 == ENVIRON["KEY"] {print $2}' "$STATE/bootstrap/fixed"
}

# Switching on what is only refused to be switched off; other roles for a machine that was a worker.
fixed_allowed() {
  case $fixed_when:$fixed_value in
    "turned off:false" | "turned off:none") return 1 ;;
    "turned off:"*) return 0 ;;
  esac
  [ "$fixed_when" = "control plane before" ] && is_worker_text "$fixed_was"
}

is_worker_text() { case $1 in *control-plane* | *etcd*) return 1 ;; esac }

# is_promoted: this machine was a worker, and is to be a control plane. The worker's part has to leave first.
is_promoted() {
  fixed_key=machines.$MACHINE.roles
  promoted_was=$(fixed_recorded)
  promoted_now=$(fixed_wanted_roles)
  [ -n "$promoted_was" ] && is_worker_text "$promoted_was" && ! is_worker_text "$promoted_now"
}

# check_node_gone KUBECONFIG KUBECTL...: the controller lets a worker go before its machine joins as a control plane
check_node_gone() {
  gone_config=$1
  shift
  [ -e "$gone_config" ] || return 0
  gone_answer=$("$@" --kubeconfig "$gone_config" --request-timeout=20s get node "$MACHINE" -o name 2>&1) || :
  case $gone_answer in *NotFound*) return 0 ;; esac
  fail "$MACHINE is to join again as a control plane, and is not seen to have left: $gone_answer" \
    "look whether the control plane answers, then: npx vmstation pulumi up --replace '**::bootstrap-arrivals'"
}

# remember_fixed: once the machine is part of the cluster.
remember_fixed() {
  mkdir -p "$STATE/bootstrap"
  printf '%s\n' "$FIXED" | cut -f 1,2 >"$STATE/bootstrap/fixed.new"
  sync "$STATE/bootstrap/fixed.new"
  mv -f "$STATE/bootstrap/fixed.new" "$STATE/bootstrap/fixed"
}

# keep_mounted FOLDER: files of ours that a static pod's manifest in FOLDER names are not pruned.
keep_mounted() {
  if [ ! -e "$STATE/steps/$STEP" ] || [ ! -d "$1" ]; then return 0; fi
  awk -F '\t' '$1 == "file" {print $2}' "$STATE/steps/$STEP" >"$WORK/ours"
  while read -r kept; do
    ! grep -rqF -- "$kept" "$1" || record file "$kept" "$(detail_of file "$kept")"
  done <"$WORK/ours"
}

# drop_unwanted FILE: what the service reads as it starts has to be gone before.
drop_unwanted() { grep -qsxF "$1" "$WORK/paths" || remove_recorded file "$1"; }
