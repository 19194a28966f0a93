"""Labels and annotations by which the program knows nodes and pods; labels.ts has the same for what it makes."""

# On a node: the power controller's state of the machine.
STATE_LABEL = "vmstation.io/power-state"

# On a pod that does not keep its machine awake by merely running. The value is the machine's name where the pod is an
# app's, and ANY_MACHINE where the cluster goes on without it, whatever machine it is on.
SLEEPS_WITH = "vmstation.io/sleeps-with"
ANY_MACHINE = "any-machine"

# On a node or a pod that keeps its machine awake; the value says why.
KEEP_AWAKE = "vmstation.io/keep-awake"
