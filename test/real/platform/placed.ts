import { z } from "zod";

/** What of a pod's spec its chart takes from values as it is. */
export const placed = z.looseObject({
  resources: z.looseObject({}),
  affinity: z.looseObject({}),
  tolerations: z.array(z.looseObject({})),
});
