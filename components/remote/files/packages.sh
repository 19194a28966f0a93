# shellcheck shell=sh
# Packages by apt or dnf. What we installed and no longer want is not removed but marked as automatically
# installed: the administrator's next autoremove may take it, and nothing that needs it breaks meanwhile.

uses_apt() { command -v apt-get >/dev/null 2>&1; }

package_installed() {
  if uses_apt; then
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
  else
    rpm -q --quiet "$1"
  fi
}

# ensure_packages NAMES: one a line
ensure_packages() {
  missing_packages=
  for each in $1; do
    if package_installed "$each"; then
      ! applying || ! recorded package "$each" || record package "$each"
    else
      missing_packages="$missing_packages $each"
    fi
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
  # A unit of its own: a connection that is cut does not leave dpkg half-way.
  # shellcheck disable=SC2086 # one word per package
  if uses_apt; then
    run_long packages "$packages_digest" /bin/sh -euc "$(apt_script)" sh $1 ||
      fail "apt could not install$1" "read the lines above; 'apt-get install$1' on the machine shows the same"
  else
    run_long packages "$packages_digest" dnf -y --setopt=install_weak_deps=False install $1 ||
      fail "dnf could not install$1" "read the lines above; 'dnf install$1' on the machine shows the same"
  fi
  require_installed "$1"
}

# Success is what the package manager's own database says.
require_installed() {
  for each in $1; do
    package_installed "$each" || fail "$each is still not installed" "look for it with the package manager on the machine"
  done
}

# Waits for another package manager, mends what one that was cut left behind, fetches lists only when needed.
apt_script() {
  cat <<'APT'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt="apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"
if [ -n "$(dpkg --audit)" ]; then flock -w 600 /var/lib/dpkg/lock-frontend true; dpkg --configure -a; fi
$apt install --no-install-recommends "$@" || { $apt update && $apt install --no-install-recommends "$@"; }
APT
}

forget_package() {
  package_installed "$1" || return 0
  if uses_apt; then quietly apt-mark auto "$1"; else quietly dnf -y mark dependency "$1"; fi
}
