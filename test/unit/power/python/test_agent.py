"""The agent on a machine that sleeps, against files and outputs as the real tools and kernels write them."""

import unittest
import unittest.mock

from agent_tools import WithTools, agent

NFSD = (
    "rc 0 0 12\nio 4096 0\nth 8 0\nnet 10 0 10 3\nrpc 10 0 0 0 0\n"
    "proc3 22 1 5 0 2 3 0 7 11 0 0 0 0 0 0 0 0 1 1 0 0 0 0\n"
    "proc4 2 1 100\n"
    "proc4ops 76 0 0 0 9 4 0 1 0 0 50 4 0 0 0 0 20 0 0 4 0 0 0 60 0 60 13 2" + " 0" * 49 + "\n"
)


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


class Interface(WithTools):
    def test_an_address_stands_for_the_interface_that_has_it(self):
        self.says("ip", "2: eno1    inet 192.0.2.20/24 brd 192.0.2.255 scope global eno1\n")
        self.assertEqual(agent.interface_of("192.0.2.20"), "eno1")
        self.assertEqual(agent.interface_of("eno2"), "eno2")
        self.assertEqual(self.calls(), ["ip -o -4 address show to 192.0.2.20"])

    def test_an_address_that_no_interface_has_is_an_error(self):
        self.says("ip", "")
        with self.assertRaisesRegex(OSError, "no network interface has the address 192.0.2.20"):
            agent.interface_of("192.0.2.20")


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
