"""The agent on a machine that sleeps, against files and outputs as the real tools and kernels write them."""

import ast
import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
import unittest
import unittest.mock
from pathlib import Path
from typing import Any

from support import FILES

spec = importlib.util.spec_from_file_location("power_agent", FILES / "power-agent.py")
agent: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(agent)

FAKE_TOOL = """#!/bin/sh
printf '%s %s\\n' "${0##*/}" "$*" >>"$TOOLS/calls"
[ ! -e "$TOOLS/${0##*/}.fail" ] || { echo "${0##*/}: no" >&2; exit 1; }
for said in "$TOOLS/${0##*/}.$1.$2" "$TOOLS/${0##*/}.$1" "$TOOLS/${0##*/}"; do
  if [ "$LC_ALL" != C ] && [ -e "$said.german" ]; then exec cat "$said.german"; fi
  if [ -e "$said.out" ]; then exec cat "$said.out"; fi
done
"""

# ethtool 6.1 on an Intel 82579LM (the part that is read).
ETHTOOL = """Settings for enp5s0:
\tSupported ports: [ TP ]
\tSpeed: 1000Mb/s
\tSupports Wake-on: pumbg
\tWake-on: {}
\tLink detected: yes
"""

# busctl 252: what logind answers with the kubelet, NetworkManager and a package manager at work.
INHIBITORS = {
    "type": "a(ssssuu)",
    "data": [
        [
            ["shutdown", "kubelet", "Kubelet needs time", "delay", 0, 900],
            ["sleep", "NetworkManager", "needs to turn off networks", "delay", 0, 700],
            ["shutdown:sleep", "apt", "upgrade", "block", 0, 1200],
            ["handle-lid-switch", "desk", "lid", "block", 1000, 1300],
        ]
    ],
}

NFSD = (
    "rc 0 0 12\nio 4096 0\nth 8 0\nnet 10 0 10 3\nrpc 10 0 0 0 0\n"
    "proc3 22 1 5 0 2 3 0 7 11 0 0 0 0 0 0 0 0 1 1 0 0 0 0\n"
    "proc4 2 1 100\n"
    "proc4ops 76 0 0 0 9 4 0 1 0 0 50 4 0 0 0 0 20 0 0 4 0 0 0 60 0 60 13 2" + " 0" * 49 + "\n"
)


class WithTools(unittest.TestCase):
    """Stand-ins on the PATH that say what a file next to them holds, and note how they were called."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tools = Path(folder.name)
        for name in ("ethtool", "rtcwake", "loginctl", "busctl"):
            path = self.tools / name
            path.write_text(FAKE_TOOL)
            path.chmod(0o755)
        before = dict(os.environ)
        os.environ.update(PATH=f"{folder.name}:{before['PATH']}", TOOLS=folder.name)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))

    def says(self, tool, text):
        (self.tools / f"{tool}.out").write_text(text)

    def fails(self, tool):
        (self.tools / f"{tool}.fail").touch()

    def calls(self):
        path = self.tools / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def root(self, files):
        for path, text in files.items():
            target = self.tools / "root" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return str(self.tools / "root")


class Counters(WithTools):
    def test_cpu_network_and_disk(self):
        root = self.root(
            {
                "proc/stat": "cpu  100 5 50 800 40 1 4 0 0 0\ncpu0 100 5 50 800 40 1 4 0 0 0\n",
                "proc/sys/kernel/random/boot_id": "b00t\n",
                "proc/net/dev": "Inter-|   Receive\n face |bytes\n"
                "    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0\n"
                "enp5s0: 1000 9 0 0 0 0 0 0 234 3 0 0 0 0 0 0\n",
                "proc/diskstats": "   8 0 sda 10 0 100 5 20 0 50 5 0 0 0\n"
                "   8 1 sda1 10 0 100 5 20 0 50 5 0 0 0\n"
                " 253 0 dm-0 10 0 100 5 20 0 50 5 0 0 0\n",
                "sys/block/sda/size": "",
                "sys/block/dm-0/size": "",
            }
        )
        sample = agent.sample({"nic": "enp5s0"}, root)
        del sample["at"]
        self.assertEqual(
            sample,
            {
                **{"boot": "b00t", "total": 1000, "busy": 160, "network": 1234},
                **{"disk": 150 * 512, "operations": 0},
            },
        )

    def test_a_network_interface_that_is_not_there_is_an_error(self):
        root = self.root({"proc/net/dev": "a\nb\n lo: 0 0 0 0 0 0 0 0 0 0\n"})
        with self.assertRaisesRegex(OSError, "no network interface enp5s0"):
            agent.network_bytes("enp5s0", root)

    def test_nfs_operations_that_show_use_without_those_that_keep_a_mount(self):
        # Version 3: 7 writes-or-reads… by number: read 7, write 11, readdir and readdirplus 1 each.
        # Version 4: 1 create, 4 opens, 13 reads, 2 readdirs; getattr, lookup, putfh and sequence do not count.
        root = self.root({"proc/net/rpc/nfsd": NFSD})
        self.assertEqual(agent.nfs_operations(root), 7 + 11 + 1 + 1 + 1 + 4 + 13 + 2)

    def test_no_nfs_server_no_operations(self):
        self.assertEqual(agent.nfs_operations(self.root({})), 0)


class OpenFiles(WithTools):
    def test_counts_opens_of_all_clients(self):
        state = '- 0x1: { type: open, access: r-, filename: "a.mkv" }\n- 0x2: { type: lock }\n'
        root = self.root(
            {
                "proc/net/rpc/nfsd": NFSD,
                "proc/fs/nfsd/clients/3/states": state * 2,
                "proc/fs/nfsd/clients/4/states": state,
            }
        )
        self.assertEqual(agent.open_files({"exports": ["/srv/media"]}, root), 3)

    def test_a_server_whose_clients_cannot_be_seen_is_an_error(self):
        root = self.root({"proc/net/rpc/nfsd": NFSD})
        with self.assertRaises(OSError):
            agent.open_files({"exports": ["/srv/media"]}, root)

    def test_nothing_exported_nothing_open(self):
        self.assertEqual(agent.open_files({"exports": []}, self.root({})), 0)


class Sessions(WithTools):
    settings = {"agentUser": "vmstation-power"}

    def test_ssh_of_any_kind_and_log_ins_without_the_controllers_own(self):
        root = self.root(
            {
                # OpenSSH 9.2 and 9.9 call the process of a session by different names.
                "proc/1/cmdline": "/sbin/init\0",
                "proc/20/cmdline": "sshd: /usr/sbin/sshd -D [listener] 0 of 30-100 startups",
                "proc/21/cmdline": "sshd: ann [priv]",
                "proc/22/cmdline": "sshd: ann@notty",
                "proc/23/cmdline": "sshd-session: bob [priv]",
                "proc/24/cmdline": "sshd: vmstation-power [priv]",
            }
        )
        # systemd 252; later ones have more columns.
        self.says("loginctl.list-sessions", "  3 1000 carol seat0 tty1\n c1  111 vmstation-power - -\n")
        self.says("loginctl.show-session.3", "Name=carol\nClass=user\n")
        self.says("loginctl.show-session.c1", "Name=vmstation-power\nClass=user\n")
        self.assertEqual(agent.sessions(self.settings, root), ["ann", "bob", "carol"])

    def test_ssh_that_is_not_logged_in_yet_is_no_session(self):
        """Titles and parents as sshd 9.2 (seen), 9.9 and 10.0 (by their sources) have them before and after."""
        processes = {
            21: (20, "sshd: ann [priv]"),
            22: (21, "sshd: ann [net]"),
            31: (20, "sshd-session: bob [priv]"),
            32: (31, "sshd-session: bob [net]"),
            41: (20, "sshd-session: carol [priv]"),
            42: (41, "sshd-auth: carol [net]"),
            51: (20, "sshd: unknown [priv]"),
            52: (51, "sshd: unknown [net]"),
            61: (20, "sshd: [accepted]"),
            62: (61, "sshd: [net]"),
            71: (20, "sshd: dave [priv]"),
            72: (71, "sshd: dave@pts/0"),
            73: (72, "sshd: dave [net]"),
        }
        files = {}
        for process, (parent, title) in processes.items():
            files[f"proc/{process}/cmdline"] = title
            files[f"proc/{process}/stat"] = f"{process} (sshd: (a) b) S {parent} 1 1 0"
        root = self.root(files)
        self.says("loginctl.list-sessions", "")
        self.assertEqual(agent.sessions(self.settings, root), ["dave"])
        self.assertEqual(agent.arriving(self.settings, root), ["ann", "bob", "carol", "unknown"])

    def users(self, *sessions):
        """Of lines of `loginctl list-sessions`, each with the session's class."""
        self.says("loginctl.list-sessions", "".join(f"{line}\n" for line, _ in sessions))
        for line, kind in sessions:
            identity, _, name = line.split()[:3]
            self.says(f"loginctl.show-session.{identity}", f"Name={name}\nClass={kind}\n")
        return agent.sessions(self.settings, self.root({}))

    def test_only_a_session_that_a_person_has_begun_is_somebody_logged_in(self):
        for line, kind in (
            *((" c1  111 gdm seat0 tty7", "greeter"), ("  5    0 root - -", "background")),
            # systemd 256 and later list the services of a user too.
            *(
                ("1 1000 alice - 1234 manager-early - no -", "manager-early"),
                ("2 0 root - 9 manager - no -", "manager"),
            ),
            *(("6 0 root - 9 background-light - no -", "background-light"), ("7 0 x - - -", "lock-screen")),
        ):
            self.assertEqual(self.users((line, kind)), [], line)
        for kind in ("user", "user-early", "user-light", "user-incomplete", "something-new"):
            self.assertEqual(self.users((f"3 1000 alice seat0 1234 {kind} tty2 no -", kind)), ["alice"], kind)

    def test_a_session_that_ends_meanwhile_is_none(self):
        answers = ["3 1000 carol\n", OSError("loginctl: No session '3' known"), ""]

        def run(*_command):
            answer = answers.pop(0)
            if isinstance(answer, OSError):
                raise answer
            return answer

        with unittest.mock.patch.object(agent, "run", run):
            self.assertEqual(list(agent.logged_in()), [])
        answers[:] = ["3 1000 carol\n", OSError("loginctl: refused"), "3 1000 carol\n"]
        with unittest.mock.patch.object(agent, "run", run), self.assertRaisesRegex(OSError, "refused"):
            list(agent.logged_in())

    def test_a_logind_that_does_not_answer_is_an_error(self):
        self.fails("loginctl")
        with self.assertRaisesRegex(OSError, "loginctl: loginctl: no"):
            agent.sessions(self.settings, self.root({}))


class Inhibitors(WithTools):
    def test_only_those_that_block_sleep_or_shutdown(self):
        self.says("busctl", json.dumps(INHIBITORS))
        self.assertEqual(agent.inhibitors(), [{"who": "apt", "why": "upgrade"}])

    def test_the_kubelets_own_do_not_count_even_in_block_mode(self):
        block = ["shutdown", "kubelet", "x", "block", 0, 1]
        self.says("busctl", json.dumps({"data": [[block]]}))
        self.assertEqual(agent.inhibitors(), [])


class Observe(WithTools):
    def test_says_what_could_not_be_read(self):
        self.fails("busctl")
        self.says("loginctl", "")
        answer = agent.observe({"nic": "lo", "agentUser": "x", "exports": []})
        self.assertIsNone(answer["inhibitors"])
        self.assertEqual(answer["errors"], {"inhibitors": "busctl: busctl: no"})
        self.assertEqual(answer["openFiles"], 0)
        self.assertIsInstance(answer["sample"]["busy"], int)

    def test_an_answer_that_is_no_json_is_unreadable(self):
        self.says("busctl", "Failed")
        self.says("loginctl", "")
        answer = agent.observe({"nic": "lo", "agentUser": "x", "exports": []})
        self.assertIsNone(answer["inhibitors"])


class Bounds(WithTools):
    """Anybody who may log in can make what the agent reads ten times as long as it may be, and more."""

    def test_a_long_command_line_is_read_no_further_than_a_name_is_long(self):
        title = "sshd: alice [priv]" + "\0" * 10 * 1024 * 1024
        root = self.root({"proc/7/cmdline": title, "proc/8/cmdline": "x" * 10 * agent.COMMAND_LINE})
        self.says("loginctl", "")
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.assertEqual(agent.sessions({"agentUser": "x"}, root), ["alice"])
        self.assertLess(tracemalloc.get_traced_memory()[1], 1024 * 1024)

    def test_an_answer_holds_so_many_entries_of_so_many_characters(self):
        lock = ["sleep", "w" * 10_000, "y" * 10_000, "block", 0, 1]
        self.says("busctl", json.dumps({"data": [[lock] * 10 * agent.ENTRIES]}))
        found = agent.inhibitors()
        self.assertEqual(len(found), agent.ENTRIES)
        self.assertEqual(found[0], {"who": "w" * agent.WORDS, "why": "y" * agent.WORDS})
        titles = {f"proc/{i}/cmdline": f"sshd: user{i} [priv]" for i in range(10 * agent.ENTRIES)}
        self.says("loginctl", "")
        self.assertEqual(len(agent.sessions({"agentUser": "x"}, self.root(titles))), agent.ENTRIES)

    def in_a_process(self, words):
        code = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("agent", {str(FILES / "power-agent.py")!r})
agent = importlib.util.module_from_spec(spec)
spec.loader.exec_module(agent)
settings = {{"nic": "lo", "agentUser": "x", "exports": []}}
{words}
print(agent.observe(settings))"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
        return ast.literal_eval(done.stdout)

    def test_what_hangs_is_unreadable_and_so_is_what_needs_too_much_memory(self):
        hangs = self.in_a_process("agent.bound(seconds=0.1)\nagent.sessions = lambda _: agent.signal.pause()")
        self.assertEqual(hangs["errors"]["sessions"], "not done within 0.1 s")
        grows = self.in_a_process("agent.bound()\nagent.inhibitors = lambda: bytearray(10 * agent.MEMORY)")
        self.assertEqual(grows["errors"]["inhibitors"], "MemoryError")
        self.assertIsNotNone(grows["sample"])


class Arm(WithTools):
    def test_armed_already_only_sets_the_alarm(self):
        self.says("ethtool", ETHTOOL.format("g"))
        self.says("rtcwake", "alarm: on  Fri Jan  2 13:00:00 2026\n")
        agent.arm(["enp5s0"], 60)
        self.assertEqual(
            self.calls(),
            ["ethtool enp5s0", "rtcwake --mode=no --seconds=60", "rtcwake --mode=show"],
        )

    def test_the_alarm_is_understood_on_a_machine_that_speaks_another_language(self):
        self.says("ethtool", ETHTOOL.format("g"))
        self.says("rtcwake", "alarm: on  Fri Jan  2 13:00:00 2026\n")
        (self.tools / "rtcwake.german").write_text("Alarm: ein  Fr 2. Jan 13:00:00 2026\n")
        os.environ.update(LANG="de_DE.UTF-8", LC_ALL="de_DE.UTF-8", LANGUAGE="de")
        self.assertEqual(agent.arm(["enp5s0"], 60), {})

    def test_an_alarm_that_does_not_stay_is_an_error(self):
        self.says("ethtool", ETHTOOL.format("g"))
        self.says("rtcwake", "alarm: off\n")
        with self.assertRaisesRegex(OSError, "the clock's alarm is not set"):
            agent.arm(["enp5s0"], 60)

    def test_a_nic_that_does_not_take_it_is_an_error(self):
        self.says("ethtool", ETHTOOL.format("d"))
        with self.assertRaisesRegex(OSError, "does not wake on a magic packet"):
            agent.arm(["enp5s0"], 60)
        self.assertEqual(
            self.calls(),
            ["ethtool enp5s0", "ethtool --change enp5s0 wol g", "ethtool enp5s0"],
        )

    def test_a_nic_that_supports_but_is_not_armed_is_not_taken_for_armed(self):
        self.says("ethtool", ETHTOOL.format("d"))
        self.assertFalse(agent.wakes_on_magic("enp5s0"))

    def test_every_card_below_a_bridge_is_armed_and_not_the_bridge(self):
        self.says("ethtool", ETHTOOL.format("g"))
        self.says("rtcwake", "alarm: on  Fri Jan  2 13:00:00 2026\n")
        below = self.tools / "wake-cards.sh"
        below.write_text('[ "$*" = "br0 00:11:22:33:44:55" ] && echo enp3s0 && echo enp4s0')
        with unittest.mock.patch.object(agent, "CARDS", str(below)):
            found = agent.cards({"nic": "br0", "mac": "00:11:22:33:44:55"})
        agent.arm(found, 60)
        self.assertEqual(self.calls()[:2], ["ethtool enp3s0", "ethtool enp4s0"])

    def test_tools_that_fail_are_errors(self):
        self.says("ethtool", ETHTOOL.format("g"))
        for tool in ("rtcwake", "ethtool"):
            self.fails(tool)
            with self.assertRaisesRegex(OSError, f"{tool}: {tool}: no"):
                agent.arm(["enp5s0"], 60)


class AlarmOfADay(unittest.TestCase):
    def test_a_clock_whose_alarm_has_no_day_is_set_within_one(self):
        asked = []

        def run(*command):
            asked.append(command[-1])
            if command[-1] == "--seconds=604800":
                raise OSError("rtcwake: rtcwake: set rtc wake alarm failed: Invalid argument")
            return ""

        with unittest.mock.patch.object(agent, "run", run):
            agent.set_alarm(604800)
        self.assertEqual(asked, ["--seconds=604800", "--seconds=86000"])

    def test_any_other_failure_is_one(self):
        def run(*_command):
            raise OSError("rtcwake: no such device")

        with unittest.mock.patch.object(agent, "run", run), self.assertRaises(OSError):
            agent.set_alarm(604800)


class Verbs(WithTools):
    def run_verb(self, *arguments):
        settings = self.tools / "settings.json"
        settings.write_text(json.dumps({"nic": "lo", "agentUser": "x", "exports": [], "alarm": 60, "testAlarm": 30}))
        agent.SETTINGS = str(settings)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            with contextlib.redirect_stderr(io.StringIO()) as err:
                return agent.main(arguments), out.getvalue(), err.getvalue()

    def asked(self):
        call = f"busctl call {' '.join(agent.LOGIND)} "
        return [line.removeprefix(call) for line in self.calls() if line.startswith(call)]

    def test_sleep_is_asked_of_logind_which_heeds_inhibitors_of_root_too(self):
        self.says("busctl", '{"data": [[]]}')
        self.assertEqual(self.run_verb("suspend")[:2], (0, "{}\n"))
        self.assertEqual(self.run_verb("poweroff")[:2], (0, "{}\n"))
        self.assertEqual(self.asked(), ["SuspendWithFlags t 1", "PowerOffWithFlags t 1"])

    def test_what_root_itself_blocks_is_refused_before_logind_is_asked(self):
        self.says("busctl", json.dumps(INHIBITORS))
        refused = (1, "", "power-agent: apt forbids it: upgrade\n")
        self.assertEqual([self.run_verb("suspend"), self.run_verb("poweroff")], [refused, refused])
        self.assertEqual(self.asked(), [])

    def test_inhibitors_that_cannot_be_read_are_a_refusal(self):
        self.says("busctl", "Failed")
        self.assertEqual(self.run_verb("suspend")[0], 1)
        self.assertEqual(self.asked(), [])

    def test_a_refusal_is_code_1_with_its_reason(self):
        self.fails("busctl")
        self.assertEqual(self.run_verb("suspend"), (1, "", "power-agent: busctl: busctl: no\n"))

    def test_anything_else_is_code_2(self):
        for arguments in ((), ("reboot",), ("suspend", "now")):
            self.assertEqual(self.run_verb(*arguments)[0], 2)
        self.assertEqual(self.calls(), [])


if __name__ == "__main__":
    unittest.main()
