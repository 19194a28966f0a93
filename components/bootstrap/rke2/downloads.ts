import { everyMachine, withoutMirror, type Downloads } from "../downloads";
import { renderRelease, type Rke2Args } from "./render-config";
import { renderOrigin } from "./steps";

/** The release's archive and its list of digests. RKE2 itself knows which images it pulls. */
export function rke2Downloads(args: Rke2Args): Downloads {
  const origin = renderOrigin(withoutMirror(args));
  const list = `${origin}/sha256sum-amd64.txt`;
  const machines = everyMachine(args);
  const release = renderRelease(args.config);
  return {
    files: [
      {
        url: `${origin}/rke2.linux-amd64.tar.gz`,
        sha256: args.config.artefactChecksum,
        listedIn: list,
        machines,
      },
      { url: list, machines },
    ],
    images: [],
    unlisted: [
      {
        what: `the images of RKE2 ${release}`,
        toDo:
          "copy the images of the lists that the release has beside its archive: " +
          "rke2-images-core.linux-amd64.txt and rke2-images-calico.linux-amd64.txt",
      },
    ],
  };
}
