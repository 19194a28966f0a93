"""Where a pod may run."""

import unittest
from fractions import Fraction

from fakes import node_object, pod_object
from support import policy  # noqa: F401  puts the modules on the path

import placement
from quantity import parse_quantity


def affinity(*expressions):
    terms = {"nodeSelectorTerms": [{"matchExpressions": list(expressions)}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    return {"affinity": {"nodeAffinity": required}}


class Quantities(unittest.TestCase):
    """Against Kubernetes' own parser: test/unit/remote/quantity.test.ts."""

    def test_are_exact_numbers(self):
        for text, number in (
            *(("500m", Fraction(1, 2)), ("2", 2), (2, 2), ("1.5", Fraction(3, 2)), ("1k", 1000)),
            *(("128Mi", 2**27), ("24057404Ki", 24057404 * 1024), ("1G", 10**9), ("1e3", 1000)),
            *(("3Ei", 3 * 2**60), ("8Ei", 2**63 - 1), ("100n", Fraction(1, 10**7)), ("0.1n", Fraction(1, 10**9))),
        ):
            self.assertEqual(parse_quantity(text), number, text)

    def test_nothing_else_is_read_as_one(self):
        for text in ("", "Ki", ".", "1KiB", "1 Gi", "ki", "1e", "1e99999999999", "0x10", "nan", None):
            with self.assertRaises(ValueError, msg=text):
                parse_quantity(text)


class Room(unittest.TestCase):
    def test_a_node_as_a_kubelet_reports_it(self):
        allocatable = {
            **{"cpu": "3900m", "ephemeral-storage": "94477937300", "hugepages-2Mi": "0"},
            **{"memory": "24057404Ki", "pods": "110"},
        }
        node = node_object(status={"allocatable": allocatable})
        for amount, fits in (("24057404Ki", True), ("24057405Ki", False), ("23Gi", False), ("22Gi", True)):
            pod = pod_object(requests={"memory": amount})
            self.assertEqual(placement.has_room(pod, node, []), fits, amount)

    def test_counts_what_is_there(self):
        there = [pod_object("a", requests={"cpu": "3"})]
        self.assertTrue(placement.has_room(pod_object(requests={"cpu": "1"}), node_object(), there))
        self.assertFalse(
            placement.has_room(pod_object(requests={"cpu": "1001m"}), node_object(), there)
        )

    def test_counts_pods_themselves(self):
        node = node_object(status={"allocatable": {"cpu": "4", "pods": "1"}})
        self.assertTrue(placement.has_room(pod_object(requests={}), node, []))
        self.assertFalse(placement.has_room(pod_object(requests={}), node, [pod_object("a")]))

    def test_init_containers_count_where_they_are_larger(self):
        init = [{"resources": {"requests": {"cpu": "5"}}}]
        self.assertFalse(placement.has_room(pod_object(initContainers=init), node_object(), []))

    def test_what_the_node_does_not_offer_does_not_fit(self):
        gpu = pod_object(requests={"nvidia.com/gpu": "1"})
        self.assertFalse(placement.has_room(gpu, node_object(), []))


class Constraints(unittest.TestCase):
    def allows(self, node, **spec):
        return placement.allows(pod_object(node=None, **spec), node, {}, {})

    def test_node_selector(self):
        node = node_object(metadata={"labels": {"role": "storage"}})
        self.assertTrue(self.allows(node, nodeSelector={"role": "storage"}))
        self.assertFalse(self.allows(node, nodeSelector={"role": "compute"}))

    def test_node_affinity_operators(self):
        node = node_object(metadata={"labels": {"role": "storage", "disks": "4"}})
        for operator, values, wanted in (
            *(("In", ["storage"], True), ("In", ["x"], False), ("NotIn", ["x"], True)),
            *(("NotIn", ["storage"], False), ("Exists", [], True), ("DoesNotExist", [], False)),
        ):
            expression = {"key": "role", "operator": operator, "values": values}
            self.assertEqual(self.allows(node, **affinity(expression)), wanted, operator)
        for operator, value, wanted in (("Gt", "3", True), ("Gt", "4", False), ("Lt", "5", True)):
            expression = {"key": "disks", "operator": operator, "values": [value]}
            self.assertEqual(self.allows(node, **affinity(expression)), wanted, operator)

    def test_taints_need_a_toleration(self):
        taint = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
        node = node_object(spec={"taints": [taint]})
        self.assertFalse(self.allows(node))
        for toleration in (
            {"key": "gpu", "operator": "Exists"},
            {"key": "gpu", "value": "yes", "effect": "NoSchedule"},
            {"operator": "Exists"},
        ):
            self.assertTrue(self.allows(node, tolerations=[toleration]))
        other = {"key": "gpu", "value": "no"}
        self.assertFalse(self.allows(node, tolerations=[other]))

    def test_taints_of_sleep_do_not_count(self):
        taints = [
            {"key": f"node.kubernetes.io/{key}", "effect": "NoExecute"}
            for key in ("unschedulable", "not-ready", "unreachable")
        ]
        self.assertTrue(self.allows(node_object(spec={"taints": taints})))

    def test_a_volume_on_another_machine(self):
        claim = {"metadata": {"namespace": "media", "name": "c"}, "spec": {"volumeName": "v"}}
        terms = [{"matchExpressions": [{"key": "host", "operator": "In", "values": ["other"]}]}]
        volume = {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}
        pod = pod_object(node=None, volumes=[{"persistentVolumeClaim": {"claimName": "c"}}])
        claims = {("media", "c"): claim}
        self.assertFalse(placement.allows(pod, node_object(), claims, {"v": volume}))
        there = node_object(metadata={"labels": {"host": "other"}})
        self.assertTrue(placement.allows(pod, there, claims, {"v": volume}))
        self.assertFalse(placement.allows(pod, there, {}, {}), "no such claim")


if __name__ == "__main__":
    unittest.main()
