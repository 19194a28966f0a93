import { waitFor } from "../../rig/wait";
import { assertDone } from "../../real/cluster/lab";
import type { Real } from "../../real/running-real";
import { compareTimes, type Row } from "../table";

const GOAL = 1.5;
const MINUTES = 10 * 60_000;
const FETCHER = "/usr/local/lib/vmstation/bootstrap/fetch-artefacts.sh";
const ETC = "/etc/vmstation/kubeadm";
const HEAD = "set -e; export PATH=/usr/local/bin:$PATH KUBECONFIG=/etc/kubernetes/admin.conf";

/** As a machine was before its bootstrap, but for the files that say how. */
const WIPE = `${HEAD}
systemctl start containerd; crictl rmi --all >/dev/null 2>&1 || :; systemctl stop containerd
rm -rf /var/lib/vmstation/artefacts /opt/cni/bin /usr/local/bin/kube* /usr/local/bin/containerd* /usr/local/bin/crictl`;

const INSTALL = `${HEAD}
sh ${FETCHER} ${ETC}/artefacts; sh /usr/local/lib/vmstation/kubeadm/place-kubelet.sh
mkdir -p /etc/kubernetes/manifests; systemctl enable --now containerd; systemctl enable kubelet`;

const INIT = `${HEAD}
kubeadm init --config ${ETC}/init.yaml
for file in ${ETC}/manifests/*.yaml; do
  kubectl apply --server-side -f $file
  case $file in *-crds.yaml) kubectl wait --for=condition=Established --timeout=60s crd --all ;; esac
done
kubectl label node --all vmstation.io/addons=true
kubectl -n kube-system patch deployment coredns --type merge --patch-file ${ETC}/coredns-patch.yaml`;

const TOKEN = `${HEAD}; kubeadm token create --print-join-command`;

const READY = `${HEAD}
kubectl wait --for=condition=Ready node --all --timeout=300s
kubectl -n kube-system rollout status deployment/coredns --timeout=300s`;

/**
 * The bootstrap layer of a first `up`, from its first resource's start to its last one's end, against the same commands
 * typed by hand in their best order on the same machines. `meanwhile` is done on the first of both clusters.
 */
export async function benchBootstrap(real: Real, meanwhile: () => Promise<void>): Promise<Row[]> {
  const { lab, rig } = real;
  const first = await lab.up();
  assertDone(first, lab);
  const steps = first.steps.filter(({ name }) => name.startsWith("bootstrap-"));
  const begun = Math.min(...steps.map(({ ended, milliseconds }) => ended - milliseconds));
  const ours = Math.max(...steps.map(({ ended }) => ended)) - begun;
  await meanwhile();
  await lab.passes("reset", "hard", "--yes", "real", "--keep-state");
  await Promise.all(rig.machines.map((machine) => machine.exec(WIPE, { timeout: MINUTES })));
  const theirs = await byHand(real);
  return [compareTimes("bootstrap layer against kubeadm by hand", ours, theirs, GOAL)];
}

/** Milliseconds that it takes who knows all commands and waits for nothing needlessly. */
async function byHand({ rig }: Real): Promise<number> {
  const control = rig.machine("maple");
  const others = rig.machines.filter((machine) => machine !== control);
  const start = performance.now();
  const installed = new Map(
    rig.machines.map((machine) => [machine.name, machine.exec(INSTALL, { timeout: MINUTES })]),
  );
  await installed.get(control.name);
  await control.exec(INIT, { timeout: MINUTES });
  const { stdout } = await control.exec(TOKEN);
  const [, token = "", hash = ""] =
    /--token (\S+) --discovery-token-ca-cert-hash (\S+)/.exec(stdout) ?? [];
  const edit = `sed -E 's/token: .*/token: ${token}/; s/sha256:[0-9a-f]{64}/${hash}/' ${ETC}/join.yaml`;
  await Promise.all(
    others.map(async (machine) => {
      await installed.get(machine.name);
      const join = `${HEAD}; ${edit} >/run/join.yaml; kubeadm join --config /run/join.yaml`;
      await machine.exec(join, { timeout: MINUTES });
    }),
  );
  await waitFor(
    "the cluster made by hand",
    async () => (await control.exec(READY, { timeout: MINUTES, anyCode: true })).code === 0,
    MINUTES,
  );
  return performance.now() - start;
}
