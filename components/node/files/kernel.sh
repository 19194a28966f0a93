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

# differing_sysctls: those lines of SYSCTLS that do not hold now. There are dozens, so one process looks at all.
# Tabs separate what the kernel prints of a list.
differing_sysctls() {
  printf '%s\n' "$SYSCTLS" | awk '
    NF > 0 {
      file = $1
      gsub(/\./, "/", file)
      file = "/proc/sys/" file
      now = ""
      while ((getline line <file) > 0) now = now (now == "" ? "" : "\n") line
      close(file)
      gsub(/\t/, " ", now)
      if (now != substr($0, length($1) + 2)) print
    }'
}

# ensure_sysctl KEY VALUE: of one that differed, and may be right by now, as one can set another.
ensure_sysctl() {
  sysctl_file=$(sysctl_path "$1")
  sysctl_now="not there"
  [ ! -e "$sysctl_file" ] || sysctl_now=$(tr '\t' ' ' <"$sysctl_file")
  [ "$sysctl_now" != "$2" ] || return 0
  case $VERB in
    apply)
      [ -e "$sysctl_file" ] ||
        fail "the kernel has no parameter $1" "set vmstation:node.sysctl $1 to null, or load the module that brings it"
      say "$STEP: $1 from $sysctl_now to $2"
      printf '%s\n' "$2" >"$sysctl_file" ||
        fail "the kernel does not take $1=$2" "correct it under vmstation:node.sysctl"
      ;;
    check) drift sysctl "$1" "is $sysctl_now, not $2" ;;
  esac
}

ensure_sysctls() {
  differing_sysctls >"$WORK/sysctls"
  while read -r key value; do ensure_sysctl "$key" "$value"; done <"$WORK/sysctls"
}

swap_lines() { grep -nE '^[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]]' /etc/fstab 2>/dev/null; }

# Commented out with a mark, so that removing the step brings the lines back.
ensure_no_swap() {
  case $VERB in
    apply)
      if [ "$(wc -l </proc/swaps)" -gt 1 ]; then
        say "$STEP: swap off"
        quietly swapoff -a || fail "swap cannot be turned off" "free memory on the machine and run again"
      fi
      swap_lines >/dev/null || return 0
      mark_pending swap /etc/fstab
      sed -E 's/^([^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]].*)$/#vmstation# \1/' /etc/fstab >"$WORK/fstab"
      install_like "$WORK/fstab" /etc/fstab
      ;;
    check)
      [ "$(wc -l </proc/swaps)" -le 1 ] || drift swap "$(awk 'NR == 2 {print $1}' /proc/swaps)" "in use"
      ! swap_lines >/dev/null || drift swap /etc/fstab "names swap"
      ;;
    remove)
      grep -q '^#vmstation# ' /etc/fstab 2>/dev/null || return 0
      sed 's/^#vmstation# //' /etc/fstab >"$WORK/fstab"
      install_like "$WORK/fstab" /etc/fstab
      ;;
  esac
}

# Permissive logs what it would refuse; disabled would lose the labels for good.
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

step() {
  ensure_files
  for each_module in $MODULES; do ensure_module "$each_module"; done
  removing || ensure_sysctls
  # And again: ip_forward, for one, resets what the kernel does with redirects.
  ! applying || ensure_sysctls
  ensure_no_swap
  ensure_selinux_permissive
}
