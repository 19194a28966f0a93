"""Where a pod may run."""

import unittest
from fractions import Fraction

from fakes import node_object, pod_object
from support import policy  # noqa: F401  puts the modules on the path

import placement
from quantity import parse_quantity
from resources import has_room, requests
from view import View


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
            self.assertEqual(has_room(pod, node, []), fits, amount)

    def test_counts_what_is_there(self):
        there = [pod_object("a", requests={"cpu": "3"})]
        self.assertTrue(has_room(pod_object(requests={"cpu": "1"}), node_object(), there))
        self.assertFalse(has_room(pod_object(requests={"cpu": "1001m"}), node_object(), there))

    def test_counts_pods_themselves(self):
        node = node_object(status={"allocatable": {"cpu": "4", "pods": "1"}})
        self.assertTrue(has_room(pod_object(requests={}), node, []))
        self.assertFalse(has_room(pod_object(requests={}), node, [pod_object("a")]))

    def test_init_containers_count_where_they_are_larger(self):
        init = [{"resources": {"requests": {"cpu": "5"}}}]
        self.assertFalse(has_room(pod_object(initContainers=init), node_object(), []))

    def test_what_the_node_does_not_offer_does_not_fit(self):
        gpu = pod_object(requests={"nvidia.com/gpu": "1"})
        self.assertFalse(has_room(gpu, node_object(), []))


class Constraints(unittest.TestCase):
    def allows(self, node, **spec):
        return placement.allows(pod_object(node=None, **spec), node, View({}))

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

    def test_what_is_not_known_here_does_not_fit(self):
        for spec in (
            *({"schedulerName": "mine"}, {"resourceClaims": [{"name": "gpu"}]}, {"workloadRef": {"name": "w"}}),
            *({"schedulingGates": [{"name": "g"}]}, {"somethingNew": 1}, {"volumes": [{"name": "v", "rbd": {}}]}),
        ):
            self.assertFalse(self.allows(node_object(), **spec), spec)


def claim(bound="v", **spec):
    annotations = {"pv.kubernetes.io/bind-completed": "yes"} if bound else {}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    return {
        "metadata": {"namespace": "media", "name": "c", "annotations": annotations},
        "spec": {**spec, **({"volumeName": bound} if bound else {})},
    }


def volume(host=None, **spec):
    terms = [{"matchExpressions": [{"key": "host", "operator": "In", "values": [host]}]}]
    affinity = {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}} if host else {}
    base = {"capacity": {"storage": "2Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "local"}
    return {"metadata": {"name": "v"}, "spec": {**base, **affinity, **spec}, "status": {"phase": "Available"}}


def storage_class(name, provisioner, mode="WaitForFirstConsumer"):
    return {"metadata": {"name": name}, "provisioner": provisioner, "volumeBindingMode": mode}


class Volumes(unittest.TestCase):
    """Compared with the real scheduler: test/cluster/placement.test.ts."""

    there = node_object(metadata={"name": "box", "labels": {"host": "there"}})
    pod = pod_object(node=None, volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}])

    def allows(self, claims, volumes=(), classes=(), **others):
        kinds = {"PersistentVolumeClaim": claims, "PersistentVolume": volumes, "StorageClass": classes, **others}
        return placement.allows(self.pod, self.there, View(kinds))

    def test_a_volume_on_this_machine_or_another(self):
        self.assertTrue(self.allows([claim()], [volume("there")]))
        self.assertFalse(self.allows([claim()], [volume("other")]))

    def test_a_claim_or_volume_that_is_not_there(self):
        self.assertFalse(self.allows([], [volume("there")]))
        self.assertFalse(self.allows([claim()]))

    def test_a_claim_that_is_bound_to_nothing(self):
        classes = [storage_class("now", "x", "Immediate")]
        for spec in ({}, {"storageClassName": ""}, {"storageClassName": "gone"}, {"storageClassName": "now"}):
            self.assertFalse(self.allows([claim(None, **spec)], [volume("there")], classes), spec)

    def test_a_claim_that_waits_for_its_first_pod(self):
        local = claim(None, storageClassName="local")
        classes = [storage_class("local", "kubernetes.io/no-provisioner"), storage_class("made", "x")]
        self.assertTrue(self.allows([local], [volume("there")], classes))
        self.assertFalse(self.allows([local], [volume("other")], classes))
        self.assertFalse(self.allows([local], [volume("there", capacity={"storage": "1Mi"})], classes))
        made = claim(None, storageClassName="made")
        self.assertTrue(self.allows([made], [], classes))
        counted = {"metadata": {"name": "x"}, "spec": {"storageCapacity": True}}
        self.assertFalse(self.allows([made], [], classes, CSIDriver=[counted]))

    def test_a_driver_that_attaches_no_more(self):
        csi = volume(None, csi={"driver": "d"})
        for count, wanted in ((1, True), (0, False), (None, True)):
            driver = {"name": "d", "allocatable": {} if count is None else {"count": count}}
            nodes = [{"metadata": {"name": "box"}, "spec": {"drivers": [driver]}}]
            self.assertEqual(self.allows([claim()], [csi], CSINode=nodes), wanted)
        self.assertTrue(self.allows([claim()], [csi], CSINode=[]))
        self.assertFalse(self.allows([claim()], [csi]), "nobody knows how many")


class Sidecars(unittest.TestCase):
    def cpu(self, *inits, **changes):
        init = [
            {"resources": {"requests": {"cpu": cpu}}, **({"restartPolicy": "Always"} if stays else {})}
            for cpu, stays in inits
        ]
        return requests(pod_object(initContainers=init, **changes))["cpu"]

    def test_run_beside_the_containers(self):
        self.assertEqual(self.cpu(("1500m", True)), 2500)

    def test_run_beside_the_init_containers_after_them(self):
        self.assertEqual(self.cpu(("1", True), ("4", False)), 5000)
        self.assertEqual(self.cpu(("4", False), ("1", True)), 4000)

    def test_what_the_pod_asks_for_as_a_whole_counts_instead_and_overhead_besides(self):
        whole = {"requests": {"cpu": "700m"}}
        self.assertEqual(self.cpu(("4", True), resources=whole, overhead={"cpu": "50m"}), 750)

    def test_a_resize_counts_as_the_larger(self):
        pod = pod_object()
        pod["spec"]["containers"][0]["name"] = "main"
        status = {"name": "main", "resources": {"requests": {"cpu": "3"}}, "allocatedResources": {"cpu": "2"}}
        pod["status"]["containerStatuses"] = [status]
        self.assertEqual(requests(pod)["cpu"], 3000)


class Neighbours(unittest.TestCase):
    def fits(self, pod, *pods, nodes=None):
        nodes = nodes or [node_object(metadata={"name": "box", "labels": {"host": "box"}})]
        return placement.fits(pod, nodes[0], View({"Node": nodes, "Pod": list(pods)}))

    def with_port(self, name, node, **port):
        return pod_object(name, node, requests={}, containers=[{"ports": [{"hostPort": 80, **port}]}])

    def test_a_port_of_the_host_is_held_once(self):
        there = self.with_port("there", "box", hostIP="127.0.0.1")
        self.assertFalse(self.fits(self.with_port("new", None), there))
        self.assertTrue(self.fits(self.with_port("new", None, protocol="UDP"), there))
        self.assertTrue(self.fits(self.with_port("new", None, hostIP="127.0.0.2"), there))

    def test_one_that_keeps_others_away_does_so_whoever_comes_second(self):
        term = {"topologyKey": "host", "labelSelector": {"matchLabels": {"app": "x"}}}
        apart = {"podAntiAffinity": {placement.REQUIRED: [term]}}
        alone, other = pod_object("a", None, labels={"app": "x"}, affinity=apart), {"app": "x"}
        self.assertTrue(self.fits(alone))
        self.assertFalse(self.fits(alone, pod_object("b", labels=other)))
        bound = pod_object("a", "box", labels={"app": "x"}, affinity=apart)
        self.assertFalse(self.fits(pod_object("b", None, labels=other), bound))
        self.assertTrue(self.fits(pod_object("b", None, labels={"app": "y"}), bound))

    def test_one_that_wants_company_finds_it_or_is_the_first(self):
        term = {"topologyKey": "host", "labelSelector": {"matchLabels": {"app": "x"}}}
        together = {"podAffinity": {placement.REQUIRED: [term]}}
        pod = pod_object("a", None, affinity=together)
        self.assertFalse(self.fits(pod))
        self.assertTrue(self.fits(pod, pod_object("b", labels={"app": "x"})))
        self.assertTrue(self.fits(pod_object("a", None, labels={"app": "x"}, affinity=together)))

    def test_pods_are_spread_over_machines(self):
        even = {"maxSkew": 1, "topologyKey": "host", "whenUnsatisfiable": "DoNotSchedule"}
        spread = {"topologySpreadConstraints": [{**even, "labelSelector": {"matchLabels": {"app": "x"}}}]}
        nodes = [node_object(n, metadata={"name": n, "labels": {"host": n}}) for n in ("box", "other")]
        new = pod_object("new", None, labels={"app": "x"}, **spread)
        there = pod_object("there", "box", labels={"app": "x"})
        self.assertTrue(self.fits(new, nodes=nodes))
        self.assertFalse(self.fits(new, there, nodes=nodes))
        self.assertTrue(self.fits(new, there, pod_object("b", "other", labels={"app": "x"}), nodes=nodes))


if __name__ == "__main__":
    unittest.main()
