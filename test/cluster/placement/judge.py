"""`judge.py LIBRARY`: of the API's objects on standard input, {name of each pod that waits: whether its node takes it}.

The input is {"kinds": what Kube.read gives, "asked": [[namespace, pod's name, node's name]]}.
"""

from __future__ import annotations

import json
import sys

sys.path.insert(0, sys.argv[1])

import placement
from api import Cluster
from view import View

given = json.load(sys.stdin)
kinds: Cluster = given["kinds"]
kinds.setdefault("CSINode", [])
view = View(kinds)
pods = {(pod["metadata"]["namespace"], pod["metadata"]["name"]): pod for pod in kinds["Pod"]}
print(
    json.dumps(
        {name: placement.fits(pods[space, name], view.nodes[node], view) for space, name, node in given["asked"]}
    )
)
