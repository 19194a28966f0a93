"""What the power controller may have done on a machine that sleeps: one verb, no arguments, JSON out.

  observe            what is going on here
  arm, arm-test      Wake-on-LAN on and verified, and the clock's alarm as a safety net
  disarm             the clock's alarm off
  suspend, poweroff  asked of logind, and refused while something holds a block-mode inhibitor
  hibernate          refused likewise; else the hypervisor may switch this machine off now: saved to disk, or shut down
  resumed            after it was saved: the clock is set, and connections are ended that nobody holds any more

Settings: /etc/vmstation/power-agent.json {nic, mac, agentUser, exports, alarm, testAlarm} (seconds).
"""

from __future__ import annotations

import glob
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import TypedDict


class _SettingsOptions(TypedDict, total=False):
    # Absent on a virtual machine, which its hypervisor wakes.
    mac: str


class Settings(_SettingsOptions):
    # The name of the interface on the LAN, or the address that it has.
    nic: str
    agentUser: str
    exports: list[str]
    alarm: int
    testAlarm: int


class Sample(TypedDict):
    """Counters since boot; `at`: seconds."""

    boot: str
    at: float
    total: int
    busy: int
    network: int
    disk: int
    operations: int


class Inhibitor(TypedDict):
    who: str
    why: str


SETTINGS = "/etc/vmstation/power-agent.json"

# Says which cards a magic packet reaches.
CARDS = "/usr/local/lib/vmstation/wake-cards.sh"

# Operations that a client does because somebody uses the export, not to keep its mount or lease.
# Numbers: RFC 7530 section 16 (close and commit belong to open files), RFC 1813 section 3.
NFS4_IN_USE = (6, 18, 25, 26, 28, 29, 34, 38)  # create open read readdir remove rename setattr write
NFS3_IN_USE = (2, 6, 7, 8, 9, 12, 13, 14, 16, 17)  # setattr read write create mkdir remove rmdir rename readdir(plus)

# Their locks only delay a sleep, to see it coming.
EXPECTED_INHIBITORS = ("kubelet", "NetworkManager")

LOGIND = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")

# logind lets root override every inhibitor unless this flag is set (SD_LOGIND_ROOT_CHECK_INHIBITORS).
ROOT_CHECK_INHIBITORS = "1"

# Seconds; a little less than a day (rtc-cmos refuses a full one).
ALARM_WITHOUT_DAY = 86_000

# Seconds that a clock may be behind before it is set; the hardware's has whole seconds.
CLOCK_BEHIND = 2

NOT_A_DISK = re.compile(r"^(loop|ram|zram|dm-|md|sr|fd|nbd)")
SECTOR = 512


# Anybody who may log in here can make a list or a command line long. Seconds and bytes of the whole agent, characters
# of a command line, and what an answer holds of each list.
SECONDS = 60
MEMORY = 512 * 1024 * 1024
COMMAND_LINE = 4096
ENTRIES = 50
WORDS = 200


# A part of an observation that ends so is said to be unreadable.
UNREADABLE = (OSError, ValueError, IndexError, KeyError, MemoryError, subprocess.TimeoutExpired)


def bound(seconds: float = SECONDS, memory: int = MEMORY) -> None:
    """Ends whatever takes longer, and again whatever comes after it; more memory than this cannot be had."""

    def on_alarm(_number: int, _frame: object) -> None:
        raise TimeoutError(f"not done within {seconds} s")

    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def run(*command: str) -> str:
    """What it prints, in the language that is read here."""
    done = subprocess.run(
        command,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=15,
        check=False,
    )
    if done.returncode != 0:
        message = done.stderr.strip() or f"code {done.returncode}"
        raise OSError(f"{command[0]}: {message}")
    return done.stdout


def read(path: str, characters: int = -1) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(characters)


def count_lines(path: str, text: str) -> int:
    with open(path, encoding="utf-8", errors="replace") as file:
        return sum(line.count(text) for line in file)


def sample(settings: Settings, root: str = "") -> Sample:
    """Counters since boot; the controller makes rates of two samples."""
    cpu = [int(n) for n in read(f"{root}/proc/stat").splitlines()[0].split()[1:9]]
    return {
        "boot": read(f"{root}/proc/sys/kernel/random/boot_id").strip(),
        "at": time.clock_gettime(time.CLOCK_MONOTONIC),
        "total": sum(cpu),
        "busy": sum(cpu) - cpu[3] - cpu[4],
        "network": network_bytes(interface_of(settings["nic"]), root),
        "disk": disk_bytes(root),
        "operations": nfs_operations(root),
    }


def interface_of(nic: str) -> str:
    """An address stands for the interface that has it; no interface's name begins with a digit."""
    if not nic[:1].isdigit():
        return nic
    # "2: eno1    inet 192.168.1.20/24 ..."
    fields = run("ip", "-o", "-4", "address", "show", "to", nic).split()
    if len(fields) < 2:
        raise OSError(f"no network interface has the address {nic}")
    return fields[1]


def network_bytes(nic: str, root: str = "") -> int:
    for line in read(f"{root}/proc/net/dev").splitlines()[2:]:
        name, _, counters = line.partition(":")
        if name.strip() == nic:
            fields = counters.split()
            return int(fields[0]) + int(fields[8])
    raise OSError(f"no network interface {nic}")


def disk_bytes(root: str = "") -> int:
    """Read and written, of whole disks."""
    whole = {os.path.basename(p) for p in glob.glob(f"{root}/sys/block/*")}
    sectors = 0
    for line in read(f"{root}/proc/diskstats").splitlines():
        fields = line.split()
        if fields[2] in whole and not NOT_A_DISK.match(fields[2]):
            sectors += int(fields[5]) + int(fields[9])
    return sectors * SECTOR


def nfs_operations(root: str = "") -> int:
    """Operations on the exports since the server started; 0 where there is no NFS server."""
    path = f"{root}/proc/net/rpc/nfsd"
    if not os.path.exists(path):
        return 0
    total = 0
    for line in read(path).splitlines():
        kind, *counts = line.split()
        wanted = {"proc4ops": NFS4_IN_USE, "proc3": NFS3_IN_USE}.get(kind, ())
        total += sum(int(counts[1 + number]) for number in wanted if 1 + number < len(counts))
    return total


def open_files(settings: Settings, root: str = "") -> int:
    """Files that NFS clients hold open."""
    if not settings["exports"] or not os.path.exists(f"{root}/proc/net/rpc/nfsd"):
        return 0
    clients = f"{root}/proc/fs/nfsd/clients"
    if not os.path.isdir(clients):
        raise OSError(f"{clients} is not there")
    return sum(count_lines(path, "type: open") for path in glob.iglob(f"{clients}/*/states"))


def sessions(settings: Settings, root: str = "") -> list[str]:
    """Users with a session: SSH connections of any kind, and what logind knows; without the controller's own."""
    users, _ = over_ssh(root)
    users.update(logged_in())
    return listed(users, settings)


def arriving(settings: Settings, root: str = "") -> list[str]:
    """Whom somebody who is not logged in yet says to be: a person at a passphrase, or a scanner."""
    _, users = over_ssh(root)
    return listed(users, settings)


def listed(users: set[str], settings: Settings) -> list[str]:
    return sorted(user[:WORDS] for user in users - {settings["agentUser"]})[:ENTRIES]


def over_ssh(root: str) -> tuple[set[str], set[str]]:
    """(users that are logged in, users that are not yet) by the titles of sshd's processes.

    A connection has one process with rights. Until its user is known to be who he says, that has a child without any.
    """
    users: dict[str, str] = {}
    unknown = set()
    for path in glob.iglob(f"{root}/proc/[0-9]*/cmdline"):
        folder = os.path.dirname(path)
        try:
            title = read(path, COMMAND_LINE)
            if re.match(r"sshd(?:-session|-auth)?: (\S+ )?\[net\]", title):
                # The parent is the second field after the name, which stands in brackets.
                unknown.add(read(f"{folder}/stat", COMMAND_LINE).rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        match = re.match(r"sshd(?:-session)?: (\S+) \[priv\]", title)
        if match:
            users[os.path.basename(folder)] = match.group(1)
    known = {user for process, user in users.items() if process not in unknown}
    return known, {user for process, user in users.items() if process in unknown}


def logged_in() -> Iterator[str]:
    """Users of logind's sessions that a person has begun: not the greeter's, cron's, or a user's service manager.

    Only the first column of the list is the same in every version of systemd.
    """
    for session in list_sessions():
        try:
            shown = run("loginctl", "show-session", session, "--property=Name", "--property=Class")
        except OSError:
            # It may have ended meanwhile.
            if session in list_sessions():
                raise
            continue
        known = dict(line.partition("=")[::2] for line in shown.splitlines())
        if known.get("Class", "").partition("-")[0] not in ("greeter", "lock", "background", "manager", "none"):
            yield known.get("Name", f"session {session}")


def list_sessions() -> list[str]:
    lines = run("loginctl", "list-sessions", "--no-legend").splitlines()
    return [line.split()[0] for line in lines if line.strip()]


def inhibitors() -> list[Inhibitor]:
    """Block-mode inhibitors of sleep or shutdown."""
    answer = json.loads(run("busctl", "--json=short", "call", *LOGIND, "ListInhibitors"))
    found: list[Inhibitor] = [
        {"who": who[:WORDS], "why": why[:WORDS]}
        for what, who, why, mode, _uid, _pid in answer["data"][0]
        if mode.startswith("block") and {"sleep", "shutdown"} & set(what.split(":")) and who not in EXPECTED_INHIBITORS
    ]
    return found[:ENTRIES]


def observe(settings: Settings) -> dict[str, object]:
    """Each part, or null with an error: what could not be read is not left out silently."""
    parts: dict[str, Callable[[], object]] = {
        "sample": lambda: sample(settings),
        "sessions": lambda: sessions(settings),
        "arriving": lambda: arriving(settings),
        "inhibitors": inhibitors,
        "openFiles": lambda: open_files(settings),
    }
    errors: dict[str, str] = {}
    answer: dict[str, object] = {"errors": errors}
    for name, look in parts.items():
        try:
            answer[name] = look()
        except UNREADABLE as error:
            answer[name] = None
            errors[name] = str(error) or type(error).__name__
    return answer


def wakes_on_magic(nic: str) -> bool:
    for line in run("ethtool", nic).splitlines():
        key, _, value = line.strip().partition(": ")
        if key == "Wake-on":
            return "g" in value
    return False


def set_alarm(seconds: int) -> None:
    """A clock without a day in its alarm takes none further away than a day: sooner is safe, none is not."""
    try:
        run("rtcwake", "--mode=no", f"--seconds={seconds}")
    except OSError as error:
        if "Invalid argument" not in str(error) or seconds <= ALARM_WITHOUT_DAY:
            raise
        run("rtcwake", "--mode=no", f"--seconds={ALARM_WITHOUT_DAY}")


def cards(settings: Settings) -> list[str]:
    """Below a bridge or a bond it is not the interface of that name that a magic packet reaches."""
    return run("sh", CARDS, settings["nic"], settings["mac"]).split()


def arm(nics: list[str], alarm: int) -> dict[str, str]:
    """Raises OSError where any of it does not hold afterwards."""
    for nic in nics:
        if not wakes_on_magic(nic):
            run("ethtool", "--change", nic, "wol", "g")
            if not wakes_on_magic(nic):
                raise OSError(f"{nic} does not wake on a magic packet: look at 'ethtool {nic}' and the BIOS")
    set_alarm(alarm)
    if "alarm: on" not in run("rtcwake", "--mode=show"):
        raise OSError("the clock's alarm is not set")
    return {}


def disarm() -> dict[str, str]:
    run("rtcwake", "--mode=disable")
    return {}


def refuse_inhibited() -> None:
    for inhibitor in inhibitors():
        raise OSError("{who} forbids it: {why}".format(**inhibitor))


def hibernate() -> dict[str, str]:
    """What is written by then survives a state that cannot be resumed, and a power cut."""
    refuse_inhibited()
    os.sync()
    return {}


def resumed(root: str = "") -> dict[str, str]:
    """No sleep was seen here: the clock goes on from the moment at which the machine was frozen.

    chrony would take days to catch up: it sets a clock at its own start only, and then makes it run faster. The
    hypervisor has kept the machine's hardware clock right, in UTC. A clock that is ahead of it is left to chrony.
    Without a clock that can be read its connections are ended anyway.
    """
    try:
        known = float(read(f"{root}/sys/class/rtc/rtc0/since_epoch"))
        if known - time.time() > CLOCK_BEHIND:
            time.clock_settime(time.CLOCK_REALTIME, known)
    finally:
        run("systemctl", "start", "vmstation-resume.service")
    return {}


def power(method: str) -> dict[str, str]:
    """Asks logind, which waits for those who only delay (the kubelet), and refuses while another user blocks.

    What root itself blocks (a step at work, an update of the cluster) logind lets root override, up to systemd 256
    even with the flag: that is looked at here. Not `systemctl --check-inhibitors=yes`, which also refuses while
    anybody is logged in: the controller is.
    """
    refuse_inhibited()
    run("busctl", "call", *LOGIND, method, "t", ROOT_CHECK_INHIBITORS)
    return {}


def main(arguments: list[str]) -> int:
    settings = json.loads(read(SETTINGS))
    verbs: dict[str, Callable[[], object]] = {
        "observe": lambda: observe(settings),
        "arm": lambda: arm(cards(settings), settings["alarm"]),
        "arm-test": lambda: arm(cards(settings), settings["testAlarm"]),
        "disarm": disarm,
        "suspend": lambda: power("SuspendWithFlags"),
        "poweroff": lambda: power("PowerOffWithFlags"),
        "hibernate": hibernate,
        "resumed": resumed,
    }
    if "mac" not in settings:
        # A virtual machine's clock stands still while it is off.
        verbs.update(dict.fromkeys(("arm", "arm-test", "disarm"), dict))
    if len(arguments) != 1 or arguments[0] not in verbs:
        print(f"power-agent: one of {', '.join(verbs)}", file=sys.stderr)
        return 2
    try:
        print(json.dumps(verbs[arguments[0]]()))
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        print(f"power-agent: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        print("power-agent: out of memory", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    bound()
    sys.exit(main(sys.argv[1:]))
