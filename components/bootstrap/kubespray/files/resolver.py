"""Takes a dead cluster's name servers out of a machine's resolv.conf: resolver.py SERVICE-CIDR UPSTREAM...

Kubespray puts its own block into the file, and its reset reads the cluster's servers out of there and keeps them. Below
ROOT, where that is set.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from typing import Union

BEGIN, END = "# Ansible entries BEGIN", "# Ansible entries END"
# NodeLocal DNS and whatever else listens on a machine's own link.
LOCAL = ipaddress.ip_network("169.254.0.0/16")


Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def is_clusters(word: str, services: Iterable[Network]) -> bool:
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        return False
    return any(address in network for network in [*services, LOCAL] if network.version == address.version)


def without_cluster(text: str, services: Iterable[Network], upstream: Iterable[str]) -> str:
    """The file's text without the cluster. Servers that were there before it stay; without any, upstream ones come."""
    kept, inside = [], False
    for line in text.splitlines():
        words = line.split()
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif words[:1] == ["nameserver"] and is_clusters("".join(words[1:2]), services):
            continue
        elif not inside or words[:1] == ["nameserver"]:
            kept.append(line)
        elif words[:1] == ["search"]:
            # Its own domains are all below svc; others are the owner's, which Kubespray was given.
            own = [word for word in words[1:] if "svc" not in word.split(".")]
            kept += [" ".join(["search", *own])] if own else []
    if not any(line.split()[:1] == ["nameserver"] for line in kept):
        kept += [f"nameserver {server}" for server in upstream]
    return "".join(f"{line}\n" for line in kept)


def replace(path: str, text: str) -> None:
    """The whole file or none of it, with the owner and mode that it has."""
    handle, new = tempfile.mkstemp(prefix=".vmstation.", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        found = os.stat(path)
        os.chown(new, found.st_uid, found.st_gid)
        shutil.copymode(path, new)
        os.rename(new, path)
    except BaseException:
        os.unlink(new)
        raise


def clean(path: str, services: Iterable[Network], upstream: Iterable[str]) -> None:
    # A link means that a service writes the file: systemd-resolved or NetworkManager.
    if os.path.islink(path) or not os.path.isfile(path):
        return
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        before = file.read()
    after = without_cluster(before, services, upstream)
    if after != before:
        replace(path, after)
        print("resolv.conf no longer names the cluster's DNS")


def is_active(unit: str) -> bool:
    return subprocess.run(["systemctl", "is-active", "--quiet", unit], check=False).returncode == 0


def tell_services() -> None:
    """Kubespray's reset removes its drop-ins; what has read them has to read again."""
    if shutil.which("systemctl") is None:
        return
    if is_active("systemd-resolved.service"):
        subprocess.run(["systemctl", "restart", "systemd-resolved.service"], check=True)
    if shutil.which("nmcli") and is_active("NetworkManager.service"):
        subprocess.run(["nmcli", "general", "reload"], check=True)


def main(arguments: list[str]) -> None:
    root = os.environ.get("ROOT", "")
    services = [ipaddress.ip_network(each.strip(), strict=False) for each in arguments[0].split(",")]
    clean(f"{root}/etc/resolv.conf", services, arguments[1:])
    if root == "":
        tell_services()


if __name__ == "__main__":
    main(sys.argv[1:])
