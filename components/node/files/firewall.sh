# shellcheck shell=sh
# One nftables table with an input hook. It is replaced in one transaction, so that there is no moment without
# rules, and comes back by itself as it was when no new connection shows that the operator can still get in.

RULES=/etc/vmstation/firewall.nft
UNIT=vmstation-firewall.service

# All tables of the kernel's, in nft's own words, without counters and handles, to $WORK/ruleset. Fails where nft does.
read_ruleset() { nft -s list ruleset >"$WORK/ruleset" 2>"$WORK/output"; }

# Ours among them; nothing where it is not loaded.
rules_in_force() { awk '/^table / {ours = $0 == "table inet vmstation {"} ours && NF > 0' "$WORK/ruleset"; }

# What the kernel would hold after loading our file, asked of a namespace of its own where that can be had.
rules_described() {
  # shellcheck disable=SC2016 # the inner shell expands its own argument
  unshare --net sh -c 'nft -f "$1" && nft -s list table inet vmstation' sh "$WORK/files$RULES" 2>/dev/null | awk 'NF > 0'
}

ensure_rules_in_force() {
  # Where nft cannot tell, ours counts as not loaded: a check says so, and what loads it is what fails then.
  read_ruleset || : >"$WORK/ruleset"
  rules_in_force >"$WORK/in-force"
  [ -s "$WORK/in-force" ] || {
    ! checking || drift firewall "table inet vmstation" "not loaded"
    ! applying || mark_pending rules "the firewall: loading the table"
    return 0
  }
  rules_described >"$WORK/described"
  [ -s "$WORK/described" ] || return 0
  diff -u --label described --label machine "$WORK/described" "$WORK/in-force" >"$WORK/diff" && return 0
  ! checking || drift firewall "table inet vmstation" "the kernel's rules differ" "$WORK/diff"
  ! applying || mark_pending rules "the firewall: the kernel's rules"
}

step() {
  case $VERB in
    remove) remove_firewall ;;
    *) ensure_firewall ;;
  esac
}

# Our table is in force before the others go, and comes before them when they come back: there is no moment
# without a firewall.
ensure_firewall() {
  ensure_file /etc/systemd/system/$UNIT unit-file
  on_change unit-file systemctl daemon-reload
  ensure_rules_in_force
  ! applying || guard_files "$(undo_command)" "systemctl enable -q $UNIT && systemctl restart $UNIT" "$RULES"
  ensure_file "$RULES" rules
  ensure_unit "$UNIT" enabled active
  on_change rules load_rules
  for each_unit in $OTHER_FIREWALLS; do ensure_unit "$each_unit" disabled inactive; done
  refuse_foreign_drops
}

# What brings the machine's former protection back: the old rules, or where there were none the other firewalls.
undo_command() {
  printf 'if [ -e %s ]; then systemctl restart %s; else systemctl disable -q --now %s; fi' "$RULES" "$UNIT" "$UNIT"
  for each_unit in $OTHER_FIREWALLS; do
    ! systemctl is-active -q "$each_unit" || printf '; systemctl enable -q --now %s' "$each_unit"
  done
}

# Tables other than ours whose input chain drops: an accept in one table does not undo another's drop.
foreign_drops() {
  awk '/^table / {table = $2 " " $3}
    /hook input/ && /policy drop/ && table != "inet vmstation" {print table}' "$WORK/ruleset"
}

refuse_foreign_drops() {
  # The other firewalls have gone since it was read.
  checking || read_ruleset || fail "nft cannot list the kernel's rules: $(cat "$WORK/output")" \
    "run 'nft list ruleset' on the machine; what another table drops would go unseen"
  foreign=$(foreign_drops | tr '\n' ' ')
  [ -n "$foreign" ] || return 0
  ! checking || drift firewall "${foreign% }" "another table drops input"
  ! applying || fail "another nftables table drops input too: ${foreign% }" \
    "what VMStation opens, that one may close: take its input chain away, or set vmstation:node.firewall.enabled to false"
}

# Stopping the unit takes the table away; the other firewalls come back as they were last.
remove_firewall() {
  drop_guard
  ensure_unit "$UNIT" enabled active
  ! nft list table inet vmstation >/dev/null 2>&1 || nft delete table inet vmstation
  ensure_file "$RULES" rules
  ensure_file /etc/systemd/system/$UNIT unit-file
  on_change unit-file systemctl daemon-reload
  for each_unit in $OTHER_FIREWALLS; do ensure_unit "$each_unit" disabled inactive; done
}

load_rules() { quietly nft -f "$RULES" || fail "nft does not load $RULES" "read the lines above"; }
