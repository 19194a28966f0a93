import type { Architecture } from "../architectures";
import { everyMachine, withoutMirror, type Downloads } from "../downloads";
import { renderRelease, type Rke2Args } from "./render-config";
import { artefactChecksums, renderOrigin } from "./steps";

/** The release's archive and its list of digests. RKE2 itself knows which images it pulls. */
export function rke2Downloads(args: Rke2Args, architecture: Architecture): Downloads {
  const origin = renderOrigin(withoutMirror(args));
  const list = `${origin}/sha256sum-${architecture}.txt`;
  const machines = everyMachine(args);
  const release = renderRelease(args.config);
  return {
    files: [
      {
        url: `${origin}/rke2.linux-${architecture}.tar.gz`,
        sha256: artefactChecksums(args.config)[architecture],
        listedIn: list,
        machines,
      },
      { url: list, machines },
    ],
    images: [],
    unlisted: [
      {
        what: `the images of RKE2 ${release}`,
        advice:
          "copy the images of the lists that the release has beside its archive: " +
          `rke2-images-core.linux-${architecture}.txt and rke2-images-calico.linux-${architecture}.txt`,
      },
    ],
  };
}
