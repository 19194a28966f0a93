import type { Machine } from "../../rig/machine";

/** The kernel's counters are the host's: a host that others work on is at its limit, which no configuration ignores. */
export function ignoreLoad(controller: Machine): Promise<unknown> {
  return controller.exec(`python3 - <<'EOF'
import json
path = "/etc/vmstation/power.json"
def walk(found):
    for value in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        walk(value)
    if isinstance(found, dict) and "thresholds" in found:
        found["thresholds"]["cpu"] = 2
settings = json.load(open(path))
walk(settings)
json.dump(settings, open(path, "w"))
EOF`);
}
