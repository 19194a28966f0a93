"""By hand: what is refused and why, the wake test, the whole cluster down and up, and machines that are away."""

import json
import unittest
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO

from fakes import IDLE, FakeWorld, node_object, pod_object, quiet
from support import HOUR, NOON, idle, policy

import controller
import decide
import main
import metrics
import watch
from kube import KubeError


class WithWorld(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.store.save("box", IDLE)

    def run_verb(self, *arguments):
        """(exit code, the JSON document, what was said meanwhile)"""
        options = main.parser().parse_args([*arguments, "--json"])
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as said:
            code = options.run(self.world, options)
        return code, json.loads(out.getvalue()), said.getvalue()

    def state(self, name="box"):
        return self.world.store.load(name).state


class Sleep(WithWorld):
    def test_a_refusal_says_every_reason_and_touches_nothing(self):
        self.world.machines.answer["sessions"] = ["ann"]
        self.world.store.hold("box", "guests", HOUR)
        code, result, _ = self.run_verb("sleep", "box")
        self.assertEqual((code, result["done"], result["state"]), (1, False, "idle"))
        self.assertEqual(result["why"], ["ann is logged in", "held until Fri 13:00: guests"])
        self.assertEqual(result["holds"], [{"why": "guests", "until": NOON + HOUR}])
        self.assertEqual(self.world.did(), [])

    def test_one_that_its_button_has_woken_is_not_taken_for_asleep(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        code, result, _ = self.run_verb("sleep", "box")
        self.assertEqual((code, result["done"]), (2, False))
        self.assertIn("it is up", result["why"][0])
        code, result, _ = self.run_verb("spin-down")
        self.assertEqual((code, result[0]["why"], self.world.machines.up), (0, [], False))

    def test_load_is_told_from_two_samples_of_now(self):
        real = self.world.machines.agent

        def agent(machine, verb, timeout=30):
            answer = real(machine, verb, timeout)
            if verb == "observe":
                answer["sample"]["busy"] = answer["sample"]["total"] * 9 // 10
            return answer

        self.world.machines.agent = agent
        code, result, _ = self.run_verb("sleep", "box")
        self.assertEqual((code, result["why"]), (1, ["CPU 90%, limit 15%"]))

    def test_an_agent_that_does_not_answer_refuses(self):
        self.world.machines.fail.add("observe")
        self.assertEqual(
            self.run_verb("sleep", "box")[1]["why"],
            ["cannot read its sessions", "cannot read its inhibitors"],
        )

    def test_a_dry_run_touches_nothing(self):
        code, result, _ = self.run_verb("sleep", "box", "--dry-run")
        self.assertEqual((code, result["done"], self.state()), (0, True, "idle"))
        self.assertEqual(self.world.log, [])

    def test_progress_is_told_apart_from_the_result(self):
        code, result, said = self.run_verb("sleep", "box")
        self.assertEqual((code, result["state"], result["why"]), (0, "asleep", []))
        self.assertRegex(said, r"^box: draining: manual\n(.*\n)*box: asleep: manual\n$")


class Wake(WithWorld):
    def test_without_waiting_a_packet_goes_out_and_the_rest_is_the_watchers(self):
        self.run_verb("sleep", "box")
        code, result, _ = self.run_verb("wake", "box", "--no-wait", "--why", "ann")
        self.assertEqual((code, result["state"]), (0, "asleep"))
        self.assertEqual(self.world.machines.packets, 1)
        self.assertEqual(self.world.store.requests("box", 900), ["ann"])
        with quiet():
            controller.check_all(self.world)
        self.assertEqual(self.state(), "awake")

    def test_two_at_once_wake_it_once(self):
        self.run_verb("sleep", "box")
        real = self.world.machines.send_packet

        def send(machine):
            self.world.machines.send_packet = real
            real(machine)
            # By now another run has done it all.
            self.run_verb("wake", "box")

        self.world.machines.send_packet = send
        self.assertEqual(self.run_verb("wake", "box")[0], 0)
        self.assertEqual(self.world.store.load("box").wakes, 1)
        self.assertEqual(self.world.store.requests("box", 900), [])

    def test_one_that_is_up_is_left_alone(self):
        self.assertEqual(self.run_verb("wake", "box")[0], 0)
        self.assertEqual((self.world.log, self.world.store.requests("box", 900)), ([], []))

    def test_one_that_does_not_come_is_code_1_with_the_reason(self):
        self.run_verb("sleep", "box")
        self.world.machines.deaf = True
        code, result, _ = self.run_verb("wake", "box")
        self.assertEqual((code, result["state"]), (1, "failed"))
        self.assertRegex(result["why"][0], "did not wake: no SSH within 300 s")


class WakeTest(WithWorld):
    def test_one_that_cannot_be_tried_is_code_2_and_proves_nothing_either_way(self):
        self.world.machines.answer["sessions"] = ["ann"]
        before = self.world.store.load("box")
        self.assertEqual(self.run_verb("power-test", "box")[0], 2)
        after = self.world.store.load("box")
        self.assertEqual((after.proved_at, after.failed_at), (before.proved_at, before.failed_at))

    def test_one_that_stays_up_has_failed_and_sleeps_no_more_by_itself(self):
        self.world.machines.stubborn = True
        code, result, _ = self.run_verb("power-test", "box")
        self.assertEqual((code, result["state"], result["proved"]), (1, "awake", False))
        waits = decide.limits(policy(), replace(self.world.store.load("box"), idle_since=0), idle(), NOON)
        self.assertIn("the last wake or wake test failed", waits)
        text = metrics.render([(policy(), self.world.store.load("box"))], NOON)
        self.assertIn('vmstation_power_distrusted{node="box"} 1', text)


class WholeCluster(WithWorld):
    def setUp(self):
        super().setUp()
        self.world.settings["machines"].append(policy(name="another", storage=False))
        self.world.only()["storage"] = True
        self.world.kube.nodes["another"] = node_object("another")
        self.world.kube.leases["another"] = 0
        self.world.store.save("another", IDLE)
        # The fake is one machine under two names: what one is told, it does.
        self.told = []
        real = self.world.machines.agent

        def agent(machine, verb, timeout=30):
            if verb not in ("observe",):
                self.told.append((machine["name"], verb))
            answer = real(machine, verb, timeout)
            return answer

        self.world.machines.agent = agent
        real_silent = self.world.machines.is_silent

        def is_silent(machine, timeout=2.0):
            silent = real_silent(machine, timeout)
            if silent and machine["name"] == "another":
                self.silent_looks = getattr(self, "silent_looks", 0) + 1
                if self.silent_looks == 3:
                    self.world.machines.up = True
            return silent

        self.world.machines.is_silent = is_silent

    def test_workers_go_first_then_storage_switched_off_without_an_alarm(self):
        self.world.kube.pods["web"] = pod_object("web")
        code, result, _ = self.run_verb("spin-down")
        self.assertEqual(code, 0, result)
        self.assertEqual([entry["machine"] for entry in result], ["another", "box"])
        self.assertEqual(
            self.told,
            [(name, verb) for name in ("another", "box") for verb in ("arm", "disarm", "poweroff")],
        )
        self.assertEqual((self.state(), self.state("another")), ("asleep", "asleep"))
        self.assertTrue(self.world.store.is_spun_down())

    def test_a_user_of_one_machine_keeps_all_of_them_up(self):
        self.world.kube.pods["job"] = pod_object("job", owner="Job")
        code, result, _ = self.run_verb("spin-down")
        self.assertEqual(code, 1)
        self.assertEqual(
            [(e["machine"], e["why"]) for e in result],
            [("another", []), ("box", ["Job pod media/job is not finished"])],
        )
        self.assertEqual((self.told, self.world.store.is_spun_down()), ([], False))

    def test_where_told_nobody_is_asked(self):
        self.world.machines.answer["sessions"] = ["ann"]
        self.assertEqual(self.run_verb("spin-down")[0], 1)
        self.assertEqual(self.run_verb("spin-down", "--even-if-in-use")[0], 0)

    def test_a_dry_run_shows_the_order_and_does_nothing(self):
        code, result, _ = self.run_verb("spin-down", "--dry-run")
        self.assertEqual((code, [e["machine"] for e in result]), (0, ["another", "box"]))
        self.assertEqual((self.told, self.world.store.is_spun_down()), ([], False))

    def test_one_that_stays_up_ends_it_and_the_rest_goes_on_waking_for_those_who_need_it(self):
        self.world.machines.fail.add("poweroff")
        code, result, _ = self.run_verb("spin-down")
        self.assertEqual((code, [e["done"] for e in result]), (1, [False]))
        self.assertFalse(self.world.store.is_spun_down())
        self.assertEqual(self.state("another"), "awake")

    def test_spun_down_nothing_wakes_a_machine_but_a_person(self):
        self.run_verb("spin-down")
        self.world.kube.pods["p"] = pod_object("p", None)
        self.world.store.request("box", "a connection to jellyfin")
        self.world.let_pass(9 * 86400)
        with quiet():
            watcher = watch.Watcher(self.world)
            watcher.on_pod()
            results = controller.check_all(self.world)
        self.assertEqual({action for action, _ in results.values()}, {decide.NOTHING})
        self.assertEqual((self.world.machines.packets, watcher.threads), (0, {}))
        self.assertEqual(self.run_verb("wake", "box")[1]["state"], "awake")

    def test_up_again_storage_comes_first_and_each_is_back_in_service(self):
        self.world.add_jellyfin()
        self.run_verb("spin-down")
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 0)
        code, result, _ = self.run_verb("spin-up")
        self.assertEqual((code, [e["machine"] for e in result]), (0, ["box", "another"]))
        self.assertEqual(self.world.kube.workloads[("media", "Deployment", "jellyfin")], 1)
        for node in self.world.kube.nodes.values():
            self.assertFalse(node["spec"].get("unschedulable"))
        self.assertFalse(self.world.store.is_spun_down())

    def test_up_again_waits_for_the_api_server_and_says_when_it_does_not_come(self):
        self.run_verb("spin-down")
        self.world.kube.fail.add("read")
        with self.assertRaises(KubeError):
            self.run_verb("spin-up")
        self.assertTrue(self.world.store.is_spun_down())


class Offline(WithWorld):
    """A machine that the configuration says is dead or away."""

    def setUp(self):
        super().setUp()
        self.world.only()["offline"] = True

    def test_is_never_put_to_sleep_woken_or_asked(self):
        for state in ("idle", "asleep", "failed", "draining", "waking"):
            with self.subTest(state), quiet():
                before = replace(IDLE, state=state)
                self.world.store.save("box", before)
                self.world.store.request("box", "a connection")
                action, record = controller.check_all(self.world)["box"]
                self.assertEqual((action, record.state), (decide.NOTHING, state))
                self.assertEqual(record.reasons, ("the configuration says that it is offline",))
                self.assertEqual((self.world.did(), self.world.machines.packets), ([], 0))

    def test_manual_neither(self):
        for verb in ("sleep", "wake", "power-test"):
            code, result, _ = self.run_verb(verb, "box")
            self.assertEqual((code, result["state"]), (2, "offline"))
        self.run_verb("wake", "box", "--no-wait")
        self.assertEqual((self.world.did(), self.world.machines.packets), ([], 0))

    def test_no_pod_is_promised_to_it_and_the_whole_cluster_goes_without_it(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        with quiet():
            watcher = watch.Watcher(self.world)
            watcher.on_pod()
        self.assertEqual(watcher.threads, {})
        self.assertEqual(self.run_verb("spin-down")[:2], (0, []))

    def test_it_alerts_nobody(self):
        failed = replace(IDLE, state="failed", failed_at=NOON)
        text = metrics.render([(self.world.only(), failed)], NOON)
        for line in (
            'vmstation_power_state{node="box",state="offline"} 1',
            'vmstation_power_state{node="box",state="failed"} 0',
            'vmstation_power_wake_failed{node="box"} 0',
            'vmstation_power_distrusted{node="box"} 0',
        ):
            self.assertIn(line, text)


if __name__ == "__main__":
    unittest.main()
