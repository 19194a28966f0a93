import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { artefactsFor, renderArtefacts } from "../../../components/bootstrap/artefacts";
import { ARCHITECTURES, KERNEL_NAMES } from "../../../components/bootstrap/architectures";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import { existingPolicy } from "../../../components/bootstrap/facts";
import { k3sArtefacts } from "../../../components/bootstrap/k3s/steps";
import { machineArtefacts } from "../../../components/bootstrap/kubeadm/render-artefacts";
import { methodOf } from "../../../components/bootstrap/methods";
import { Installer, type Result } from "./installer";
import { argsOf } from "./sites";

const DIGEST = "d".repeat(64);
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const configOf = (settings: object) => bootstrapSchema.parse(settings);

/** What is installed on machines of this architecture is fetched by the list that all machines get. */
function fetchAs(
  architecture: keyof typeof KERNEL_NAMES,
  list: string,
): Result & { got: string[] } {
  const box = new Installer("files/fetch-artefacts.sh", {
    uname: `echo ${KERNEL_NAMES[architecture]}`,
    curl: 'for last; do [ "${out:-}" != next ] || { out=; file=$last; }; [ "$last" != --output ] || out=next; done; printf %s "$last" >"$file"',
    tar: "",
  });
  try {
    box.write("list", box.moved(list));
    const ran = box.run(box.at("list"));
    const got = ran.calls.flatMap((call) =>
      call.startsWith("curl ") ? [call.slice(call.lastIndexOf(" ") + 1)] : [],
    );
    return { ...ran, got };
  } finally {
    box.remove();
  }
}

describe("a machine's architecture", () => {
  // The stand-in for curl writes the URL; so each file's digest is that of its URL.
  const all = machineArtefacts(argsOf("kubeadm").config);
  const served = all.map((artefact) => ({ ...artefact, sha256: sha256(artefact.url) }));

  for (const architecture of ARCHITECTURES) {
    it(`decides which programs it fetches, by digests of its own (${architecture})`, () => {
      const { code, stderr, got } = fetchAs(architecture, renderArtefacts(served));
      assert.equal(code, 0, stderr);
      const wanted = artefactsFor(served, architecture).map(({ url }) => url);
      assert.deepEqual(got, wanted);
      for (const url of wanted) assert.ok(url.includes(architecture), url);
      assert.equal(new Set(all.map((one) => one.sha256)).size, all.length);
    });
  }

  it("is refused before a fetch where nobody knows a digest, by the key that says it", () => {
    const k3s = renderArtefacts(k3sArtefacts(argsOf("k3s", { checksums: { k3s: DIGEST } })));
    const { code, stderr, got } = fetchAs("arm64", k3s);
    assert.deepEqual([code, got], [1, []]);
    assert.match(
      stderr,
      /no digest of .*\/k3s-arm64\nto do: set vmstation:bootstrap\.checksums\.arm64\.k3s/,
    );
  });

  it("comes with what preflight tells of the digests that it lacks", () => {
    const lines = (settings: object) => existingPolicy(configOf(settings)).architectures;
    const k3s = { method: "k3s", checksums: { k3s: DIGEST } };
    assert.deepEqual(lines(k3s), ["x86_64", "aarch64 bootstrap.checksums.arm64.k3s"]);
    const both = { ...k3s, checksums: { k3s: DIGEST, arm64: { k3s: DIGEST } } };
    assert.deepEqual(lines(both), ["x86_64", "aarch64"]);
    const arm = { ...k3s, checksums: { arm64: { k3s: DIGEST } } };
    assert.deepEqual(lines(arm), ["x86_64 bootstrap.checksums.k3s", "aarch64"]);
    for (const method of ["kubespray", "kubeadm", "rke2"])
      assert.deepEqual(lines({ method }), ["x86_64", "aarch64"], method);
    const names = ["kubeadm", "kubelet", "kubectl"];
    const checksums = { arm64: Object.fromEntries(names.map((name) => [name, DIGEST])) };
    assert.deepEqual(lines({ method: "kubeadm", kubernetesVersion: "1.34.1", checksums }), [
      `x86_64 ${names.map((name) => `bootstrap.checksums.${name}`).join(" ")}`,
      "aarch64",
    ]);
  });

  it("has a digest or a list for all that it fetches, under each method", () => {
    for (const method of ["kubespray", "kubeadm", "rke2", "k3s"] as const) {
      const checksums = method === "k3s" ? { k3s: DIGEST, arm64: { k3s: DIGEST } } : undefined;
      const args = argsOf(method, checksums === undefined ? {} : { checksums });
      for (const architecture of ARCHITECTURES)
        for (const file of methodOf(args.config).downloads(args, architecture).files) {
          const isList = file.url.includes("/sha256sum-");
          const known = file.sha256 !== undefined || file.listedIn !== undefined || isList;
          assert.ok(known && file.sha256?.startsWith("unset:") !== true, file.url);
        }
    }
  });
});
