# shellcheck shell=sh
# Modules, kernel parameters, no swap, SELinux permissive: what the kubelet and Calico ask of a machine.

module_present() { [ -d "/sys/module/$1" ] || grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; }

ensure_module() {
  module_present "$1" && return 0
  case $VERB in
    apply)
      say "$STEP: loading $1"
      quietly modprobe "$1" || fail "the kernel has no module $1" "install the package that holds it (RHEL: kernel-modules-extra)"
      ;;
    check) drift module "$1" "not loaded" ;;
  esac
}

sysctl_path() { printf '/proc/sys/%s\n' "$1" | tr . /; }

# What the kernel makes of a value is its own affair: 0x10 reads back as 16, ports as ranges. What it has answered to
# what we wrote, as lines "KEY<TAB>WRITTEN<TAB>READ", is as good as what we wrote.
SYSCTLS_READ=$STATE/sysctls-read

# differing_sysctls: those lines of SYSCTLS that do not hold now. There are dozens, so one process looks at all.
# The kernel puts tabs into a list, people any blanks.
differing_sysctls() {
  printf '%s\n' "$SYSCTLS" | READ=$SYSCTLS_READ awk '
    function plain(text) {
      gsub(/[ \t]+/, " ", text)
      sub(/^ /, "", text)
      sub(/ $/, "", text)
      return text
    }
    BEGIN {
      while ((getline line <ENVIRON["READ"]) > 0) {
        split(line, part, "\t")
        read[part[1], part[2]] = part[3]
      }
    }
    NF > 0 {
      file = $1
      gsub(/\./, "/", file)
      file = "/proc/sys/" file
      now = ""
      while ((getline line <file) > 0) now = now (now == "" ? "" : "\n") line
      close(file)
      now = plain(now)
      wanted = plain(substr($0, length($1) + 2))
      if (now != wanted && !(($1, wanted) in read && read[$1, wanted] == now)) print $1, wanted
    }'
}

sysctl_now() { tr '\t' ' ' <"$1" | tr -s ' ' | sed 's/^ //; s/ $//'; }

# ensure_sysctl KEY VALUE
ensure_sysctl() {
  sysctl_file=$(sysctl_path "$1")
  sysctl_was="not there"
  [ ! -e "$sysctl_file" ] || sysctl_was=$(sysctl_now "$sysctl_file")
  case $VERB in
    apply)
      if [ ! -e "$sysctl_file" ]; then
        echo "has no parameter $1" >>"$WORK/refused"
        return 0
      fi
      say "$STEP: $1 from $sysctl_was to $2"
      if (printf '%s\n' "$2" >"$sysctl_file") 2>/dev/null; then
        keep_read "$1" "$2" "$(sysctl_now "$sysctl_file")"
      else
        echo "does not take $1=$2" >>"$WORK/refused"
      fi
      ;;
    check) drift sysctl "$1" "is $sysctl_was, not $2" ;;
  esac
}

# keep_read KEY WRITTEN READ: READ came right after WRITTEN, so that nobody else has changed it meanwhile.
keep_read() {
  [ "$2" != "$3" ] || return 0
  [ -d "$STATE" ] || mkdir -p "$STATE"
  {
    [ ! -e "$SYSCTLS_READ" ] || KEY=$1 awk -F '\t' '$1 != ENVIRON["KEY"]' "$SYSCTLS_READ"
    printf '%s\t%s\t%s\n' "$1" "$2" "$3"
  } >"$WORK/sysctls-read"
  install_file "$WORK/sysctls-read" "$SYSCTLS_READ" 0644 root:root
}

ensure_sysctls() {
  rm -f "$WORK/refused"
  differing_sysctls >"$WORK/sysctls"
  while read -r key value; do ensure_sysctl "$key" "$value"; done <"$WORK/sysctls"
}

# One that the kernel refuses keeps none of the others from being set, and is told at the end.
fail_refused() {
  [ -e "$WORK/refused" ] || return 0
  fail "the kernel $(paste -sd ';' "$WORK/refused" | sed 's/;/, and /g')" \
    "correct it under vmstation:node.sysctl, set it to null there, or load the module that brings it"
}

# swap_lines: numbers of the lines in fstab that name swap, whatever blanks stand before and between their fields
swap_lines() { [ ! -e /etc/fstab ] || awk '$1 !~ /^#/ && $3 == "swap" {print NR}' /etc/fstab; }

# Programs that swap on by themselves: memory that is compressed, files that grow.
SWAP_SERVICES="zramswap.service zram-config.service zram-swap.service dphys-swapfile.service swapspace.service systemd-swap.service"

# Those of them that are here, and swap in unit files of its own. What systemd makes of fstab, of the disks' partition
# tables and of zram-generator's settings hangs on swap.target alone.
swap_units() {
  # shellcheck disable=SC2086 # one word per unit
  systemctl list-unit-files --no-legend '*.swap' $SWAP_SERVICES 2>/dev/null |
    awk '$2 !~ /^(generated|transient|alias|static)/ {print $1}'
}

# Swap stays off after a boot as well, wherever it comes from.
ensure_no_swap() {
  ensure_fstab_without_swap
  ensure_unit swap.target masked inactive
  for each_unit in $(swap_units); do ensure_unit "$each_unit" disabled inactive; done
  case $VERB in
    apply)
      [ "$(wc -l </proc/swaps)" -gt 1 ] || return 0
      say "$STEP: swap off"
      quietly swapoff -a || fail "swap cannot be turned off" "free memory on the machine and run again"
      ;;
    check) [ "$(wc -l </proc/swaps)" -le 1 ] || drift swap "$(awk 'NR == 2 {print $1}' /proc/swaps)" "in use" ;;
  esac
}

# Commented out with a mark, so that removing the step brings the lines back. systemd goes on with the units that it has
# made of them until it is told.
ensure_fstab_without_swap() {
  case $VERB in
    apply)
      if [ -n "$(swap_lines)" ]; then
        mark_pending swap /etc/fstab
        awk '$1 !~ /^#/ && $3 == "swap" {$0 = "#vmstation# " $0} {print}' /etc/fstab >"$WORK/fstab"
        install_like "$WORK/fstab" /etc/fstab
      fi
      ;;
    check) [ -z "$(swap_lines)" ] || drift swap /etc/fstab "names swap" ;;
    remove)
      grep -q '^#vmstation# ' /etc/fstab 2>/dev/null || return 0
      mark_pending swap /etc/fstab
      sed 's/^#vmstation# //' /etc/fstab >"$WORK/fstab"
      install_like "$WORK/fstab" /etc/fstab
      ;;
  esac
  on_change swap systemctl daemon-reload
}

# Permissive logs what it would refuse; disabled would lose the labels permanently.
ensure_selinux_permissive() {
  [ -e /etc/selinux/config ] && command -v getenforce >/dev/null || return 0
  case $VERB in
    apply)
      [ "$(getenforce)" != Enforcing ] || quietly setenforce 0
      grep -q '^SELINUX=enforcing' /etc/selinux/config || return 0
      mark_pending selinux /etc/selinux/config
      keep_original /etc/selinux/config
      sed 's/^SELINUX=enforcing/SELINUX=permissive/' /etc/selinux/config >"$WORK/selinux"
      install_like "$WORK/selinux" /etc/selinux/config
      ;;
    check)
      [ "$(getenforce)" != Enforcing ] || drift selinux mode "is enforcing"
      ! grep -q '^SELINUX=enforcing' /etc/selinux/config || drift selinux /etc/selinux/config "is enforcing"
      ;;
    remove) [ ! -e "$STATE/originals/etc/selinux/config" ] || forget_file /etc/selinux/config ;;
  esac
}

UNMANAGED=/etc/NetworkManager/conf.d/50-vmstation-pods.conf

# NetworkManager, where it is, would set up the interface of each pod as if it were a card of the machine.
ensure_unmanaged() {
  if [ -d "${UNMANAGED%/*}" ]; then ensure_file "$UNMANAGED" unmanaged; fi
  on_change unmanaged systemctl try-reload-or-restart NetworkManager.service
}

step() {
  ensure_file /etc/modules-load.d/vmstation.conf
  ensure_file /etc/sysctl.d/99-zz-vmstation.conf
  ensure_unmanaged
  for each_module in $MODULES; do ensure_module "$each_module"; done
  removing || ensure_sysctls
  # And again: ip_forward, for one, resets what the kernel does with redirects.
  ! applying || ensure_sysctls
  ! removing || rm -f "$SYSCTLS_READ"
  ensure_no_swap
  ensure_selinux_permissive
  fail_refused
}
