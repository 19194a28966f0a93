"""Labels and annotations by which the program knows nodes and pods; labels.ts has the same for what it makes."""

# On a node: the power controller's state of the machine.
STATE_LABEL = "vmstation.io/power-state"

# On a pod that does not keep its machine awake by merely running; the value is the machine's name.
SLEEPS_WITH = "vmstation.io/sleeps-with"

# On a node or a pod that keeps its machine awake; the value says why.
KEEP_AWAKE = "vmstation.io/keep-awake"
