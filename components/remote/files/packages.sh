# shellcheck shell=sh
# Packages by apt or dnf. What we installed and no longer want is not removed but marked as automatically
# installed: the administrator's next autoremove may take it, and nothing that needs it breaks meanwhile.

uses_apt() { command -v apt-get >/dev/null 2>&1; }

# Under its own name, or what it provides: vim is a name that vim-enhanced has on RHEL, awk one of mawk's on Debian.
package_installed() { [ -n "$(providers_of "$1")" ]; }

# providers_of NAME: installed packages of that name, else those that provide it
providers_of() {
  if uses_apt; then
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; then
      printf '%s\n' "$1"
    else
      # shellcheck disable=SC2016 # dpkg-query's fields, not ours
      dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Provides}\n' | NAME=$1 awk -F '\t' '$1 == "installed" {
        count = split($3, provides, ", *")
        for (i = 1; i <= count; i++) {
          sub(/[ :(].*/, "", provides[i])
          if (provides[i] == ENVIRON["NAME"]) {print $2; next}
        }
      }'
    fi
  else
    # That there is none it says on its standard output.
    if rpm -q --quiet "$1"; then
      printf '%s\n' "$1"
    elif found_package=$(rpm -q --qf '%{NAME}\n' --whatprovides "$1" 2>/dev/null); then
      printf '%s\n' "$found_package" | sort -u
    fi
  fi
}

# installed_of NAMES: those of them that are installed, one a line; one question to the database for all, which
# for those that it does not know answers on standard error or in words that are no name.
installed_of() {
  # shellcheck disable=SC2086 # one word per package
  if uses_apt; then
    dpkg-query -W -f '${Package} ${db:Status-Status}\n' $1 2>/dev/null | awk '$2 == "installed" {print $1}'
  else
    rpm -q --qf '%{NAME}\n' $1 2>/dev/null || :
  fi
}

# exact_packages NAMES: kernel-modules-extra is that of the kernel that runs, not of the newest in the repository.
exact_packages() {
  for each in $1; do
    case $each in
      kernel-modules-extra) printf '%s-%s\n' "$each" "$(uname -r)" ;;
      *) printf '%s\n' "$each" ;;
    esac
  done
}

# ensure_packages NAMES: one a line
ensure_packages() {
  set -- "$(exact_packages "$1")"
  missing_packages=
  installed_packages=$(installed_of "$1")
  for each in $1; do
    case "
$installed_packages
" in
      *"
$each
"*) ;;
      # A name with its version is not what the database answers.
      *) package_installed "$each" || { missing_packages="$missing_packages $each" && continue; } ;;
    esac
    ! applying || ! recorded package "$each" || record package "$each"
  done
  case $VERB in
    apply) [ -z "$missing_packages" ] || install_packages "$missing_packages" ;;
    check) for each in $missing_packages; do drift package "$each" "not installed"; done ;;
    remove) for each in $1; do remove_recorded package "$each"; done ;;
  esac
}

install_packages() {
  mark_pending packages "packages:$1"
  for each in $1; do
    record package "$each"
    announce package "$each"
  done
  # One that is running with the same packages is attached to; one that has ended says nothing of what was
  # removed since.
  packages_digest=$(printf %s "$1" | sha256sum | cut -c 1-16)
  [ "$(long_state packages)" = running ] || rm -f "$STATE/run/packages/digest"
  packages_script=$(
    tell_errors_script
    if uses_apt; then apt_script; else dnf_script; fi
  )
  # A unit of its own: a connection that is cut does not leave dpkg half-way. It says itself what went wrong: behind
  # an "||" set -e would not hold in any of it.
  # shellcheck disable=SC2086 # one word per package
  run_long packages "$packages_digest" /bin/sh -euc "$packages_script" sh $1
  require_installed "$1"
}

# Success is what the package manager's own database says.
require_installed() {
  for each in $1; do
    package_installed "$each" || fail "$each is still not installed" "look for it with the package manager on the machine"
  done
}

# The package manager's own errors, not the downloads before them; where none is found the end of the log is shown.
tell_errors_script() {
  cat <<'TELL'
tell_errors() {
  grep -E "$1" log | awk '!seen[$0]++' | tail -n 8 >"$VMSTATION_FAILURE"
}
TELL
}

# Waits for another package manager, mends what one that was cut left behind, fetches lists only when needed.
# DPkg::Lock::Timeout is for the frontend's lock alone: "apt-get update" gives up at once while another one fetches.
apt_script() {
  cat <<'APT'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
keep="--force-confdef --force-confold"
apt="apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"

# await_lock FILE: until nobody holds it, for 600 s at most. dpkg and apt lock by fcntl, which flock(1) does not
# see. Before python3 is there, apt's own time-out is what there is.
await_lock() {
  if [ ! -e "$1" ] || ! command -v python3 >/dev/null; then return 0; fi
  python3 -c '
import fcntl, os, signal, sys
with open(sys.argv[1], "a") as lock:
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with open(os.environ["VMSTATION_PROGRESS"], "a") as progress:
            print("waiting for another package manager, which holds", lock.name, file=progress)
        signal.alarm(600)
        fcntl.lockf(lock, fcntl.LOCK_EX)
' "$1" && return 0
  echo "another package manager has held $1 for 600 s; see which with: lslocks -o PID,COMMAND,PATH" >"$VMSTATION_FAILURE"
  exit 1
}

await_lock /var/lib/dpkg/lock-frontend
# What was cut while it was unpacked may lack a package that it needs: then apt brings that.
# shellcheck disable=SC2086 # two words
if [ -n "$(dpkg --audit)" ]; then
  dpkg $keep --configure -a || $apt --fix-broken install || {
    await_lock /var/lib/apt/lists/lock
    $apt update && $apt --fix-broken install
  }
fi
$apt install --no-install-recommends "$@" || {
  await_lock /var/lib/apt/lists/lock
  $apt update && $apt install --no-install-recommends "$@" || {
    tell_errors '^(E|Err):|^dpkg: error'
    exit 1
  }
}
APT
}

# A kernel's own modules are in the repository for as long as that kernel is.
dnf_script() {
  cat <<'DNF'
export LC_ALL=C
for package in "$@"; do
  case $package in kernel-modules-extra-*) ;; *) continue ;; esac
  found=$(dnf -q repoquery "$package")
  [ -z "$found" ] || continue
  echo "no repository has $package, for the kernel that runs: install the current kernel ('dnf upgrade kernel') \
unless it is there already, reboot into it, and run the program again" >"$VMSTATION_FAILURE"
  exit 1
done
dnf -y --setopt=install_weak_deps=False install "$@" || {
  tell_errors '^(Error|No match|Failed|Cannot|Curl error|  - )'
  exit 1
}
DNF
}

# By the name that dnf 4 has for it; dnf 5 calls it "mark dependency".
forget_package() {
  forgotten_package=$(providers_of "$1")
  # Of several that provide it, nobody knows which one came for us.
  [ "$(printf '%s' "$forgotten_package" | grep -c .)" -eq 1 ] || return 0
  if uses_apt; then quietly apt-mark auto "$forgotten_package"; else quietly dnf -y mark remove "$forgotten_package"; fi
}
