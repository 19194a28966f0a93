import type { Architecture } from "../architectures";
import { artefactsFor } from "../artefacts";
import { calicoDownloads } from "../calico-downloads";
import { everyMachine, needsOf, withoutMirror, type Downloads } from "../downloads";
import { renderRelease, type K3sArgs } from "./render-config";
import { k3sArtefacts } from "./steps";

/** The program and Calico. K3s itself knows which images it pulls beside them. */
export function k3sDownloads(args: K3sArgs, architecture: Architecture): Downloads {
  const calico = calicoDownloads(args);
  const builds = artefactsFor(k3sArtefacts(withoutMirror(args)), architecture);
  const program = needsOf(builds, everyMachine(args));
  return {
    files: [...program, ...calico.files],
    images: calico.images,
    unlisted: [
      {
        what: `the images of K3s ${renderRelease(args.config)} itself`,
        advice:
          "copy the images of the list k3s-images.txt, which the release has beside its program",
      },
      ...calico.unlisted,
    ],
  };
}
