import { readFileSync } from "node:fs";
import { z } from "zod";
import { renderYaml } from "../../shared/yaml";
import { putIntoFrame, type FrameValues } from "./into-frame";
import { readObjects } from "./objects";

const texts = z.record(z.string(), z.string());

const frameValues: z.ZodType<FrameValues> = z.object({
  namespace: z.string(),
  labels: texts,
  annotations: texts,
  placement: z.object({
    nodeSelector: texts,
    tolerations: z.array(z.unknown()),
    affinity: z.unknown().optional(),
  }),
  scaled: z.object({ kind: z.string(), name: z.string() }).optional(),
  service: z.object({
    name: z.string(),
    type: z.enum(["ClusterIP", "NodePort"]),
    nodePorts: z.record(z.string(), z.number()),
  }),
  imageRegistry: z.string().optional(),
  clusterWide: z.array(z.string()),
});

/** What Helm has rendered, put into a frame. Throws where it is no list of objects. */
export function postRender(manifests: string, frame: unknown): string {
  const values = frameValues.parse(frame);
  const { objects, findings } = readObjects(manifests, "what Helm has rendered");
  const [finding] = findings;
  if (finding !== undefined) throw new Error(`${finding.where}: ${finding.found}`);
  return renderYaml(...objects.map(({ object }) => putIntoFrame(object, values)));
}

/** Helm's post-renderer: manifests on stdin, those that are applied on stdout. */
if (require.main === module) {
  const frame: unknown = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
  process.stdout.write(postRender(readFileSync(0, "utf8"), frame));
}
