"""What the agent sets before a sleep: Wake-on-LAN and the alarm of the machine's own clock."""

import contextlib
import io
import json
import os
import unittest
import unittest.mock

from agent_tools import INHIBITORS, WithTools, agent

# ethtool 6.1 on an Intel 82579LM (the part that is read).
ETHTOOL = """Settings for enp5s0:
\tSupported ports: [ TP ]
\tSpeed: 1000Mb/s
\tSupports Wake-on: pumbg
\tWake-on: {}
\tLink detected: yes
"""


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

    def test_what_the_hypervisor_freezes_is_written_before_and_refused_while_something_blocks(self):
        with unittest.mock.patch.object(agent.os, "sync") as sync:
            self.says("busctl", json.dumps(INHIBITORS))
            self.assertEqual(self.run_verb("hibernate"), (1, "", "power-agent: apt forbids it: upgrade\n"))
            sync.assert_not_called()
            self.says("busctl", '{"data": [[]]}')
            self.assertEqual(self.run_verb("hibernate")[:2], (0, "{}\n"))
            sync.assert_called_once_with()

    def test_after_that_a_clock_that_stood_still_is_set_by_the_hardwares_and_no_other(self):
        asked = []
        patch = unittest.mock.patch.object(agent, "run", lambda *command: asked.append(" ".join(command)))
        patch.start()
        self.addCleanup(patch.stop)
        clock = self.tools / "sys/class/rtc/rtc0/since_epoch"
        clock.parent.mkdir(parents=True)
        for ahead, is_set in ((3600, True), (1, False), (-3600, False)):
            clock.write_text(f"{1767355200 + ahead}\n")
            with unittest.mock.patch.object(agent.time, "time", return_value=1767355200.5):
                with unittest.mock.patch.object(agent.time, "clock_settime") as settime:
                    agent.resumed(str(self.tools))
            if is_set:
                settime.assert_called_once_with(agent.time.CLOCK_REALTIME, 1767355200.0 + ahead)
            else:
                settime.assert_not_called()
        self.assertEqual(asked, ["systemctl start vmstation-resume.service"] * 3)
        clock.unlink()
        with self.assertRaisesRegex(OSError, "rtc0"):
            agent.resumed(str(self.tools))
        self.assertEqual(len(asked), 4)

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
