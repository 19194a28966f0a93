"""What the agent tells, and how much of it at most."""

import ast
import json
import subprocess
import sys
import tracemalloc

from agent_tools import INHIBITORS, WithTools, agent
from support import FILES


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
