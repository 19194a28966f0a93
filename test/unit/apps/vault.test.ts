import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { appsSchema } from "../../../components/apps/config";
import { appsChecks, appsFacts, hostsOf } from "../../../components/apps/facts";
import { planApps } from "../../../components/apps/plan-apps";
import { renderCronJob } from "../../../components/apps/vault/snapshots";
import {
  renderService,
  renderSettings,
  renderStatefulSet,
  SERVICE_ANNOTATIONS,
} from "../../../components/apps/vault/workload";
import { backupsOfClaims } from "../../../stacks/claims";
import { frame } from "./frame";
import { appSite } from "./settings";

function stackWith(keys: object) {
  const config = appsSchema.parse({ vault: { machine: "maple", host: "vault", ...keys } });
  assert.ok(config.vault);
  const plans = planApps(config, appSite);
  const [plan] = plans;
  assert.ok(plan);
  return { app: config.vault, plan, plans, facts: appsFacts(plans, appSite) };
}

const values = frame("vault", "maple", false);

describe("a store of secrets", () => {
  it("is OpenBao or Vault, each by its pin, under the same names", () => {
    const of = (engine: string): string => {
      const { app, plan } = stackWith({ engine });
      assert.equal(plan.title, "Vault");
      return JSON.stringify(renderStatefulSet(app, values));
    };
    assert.match(of("openbao"), /openbao\/openbao:2\.[\d.]+@sha256:[0-9a-f]{64}/);
    assert.match(of("openbao"), /"command":\["bao","server"/);
    assert.match(of("vault"), /hashicorp\/vault:2\.[\d.]+@sha256:[0-9a-f]{64}/);
  });

  it("runs a copy of Vault's program, whose capabilities a restricted pod may not have", () => {
    const text = JSON.stringify(renderStatefulSet(stackWith({ engine: "vault" }).app, values));
    assert.match(text, /"command":\["\/run\/vault\/vault","server"/);
    assert.match(text, /cp \\"\$\(command -v vault\)\\" \/run\/vault\/vault/);
    assert.equal(renderSettings({ engine: "vault" }).disable_mlock, true);
    assert.equal("disable_mlock" in renderSettings({ engine: "openbao" }), false);
  });

  it("keeps its data by raft, and is Ready only while it is unsealed", () => {
    const { app } = stackWith({});
    assert.equal(renderSettings(app).storage.raft.path, "/var/lib/store");
    const text = JSON.stringify(renderStatefulSet(app, values));
    assert.match(text, /"readinessProbe":\{"httpGet":\{"path":"\/v1\/sys\/health\?standbyok=true"/);
    assert.match(text, /"livenessProbe":.*sealedcode=204&uninitcode=204/);
    assert.doesNotMatch(text, /"replicas"/);
  });

  it("is reached by its name while it is sealed, so that its page can unseal it", () => {
    assert.equal(renderService(values).publishNotReadyAddresses, true);
    assert.equal(SERVICE_ANNOTATIONS["traefik.ingress.kubernetes.io/service.nativelb"], "true");
  });

  it("is at home alone: by its name, and without a port on a machine", () => {
    const { plan, facts } = stackWith({});
    assert.deepEqual(
      hostsOf(plan, appSite).map(({ access }) => access),
      ["internal"],
    );
    assert.deepEqual(facts.nodePorts, []);
    const into = facts.namespaces?.[0]?.policies.find(({ direction }) => direction === "ingress");
    assert.deepEqual(into?.peers, [{ cidr: appSite.network.podCidr }]);
  });

  it("has its snapshots in the backups, and not the files that it writes to", () => {
    const { facts } = stackWith({});
    assert.deepEqual(
      facts.backups?.map(({ directory }) => directory),
      ["/var/lib/vault-snapshots"],
    );
    const claimed = stackWith({
      data: { storageClass: "fast" },
      snapshots: { storageClass: "fast" },
    }).facts;
    const storageClasses = [
      { path: "x", name: "fast", isDefault: false, kind: "local", folder: { directory: "/fast" } },
    ] as const;
    assert.deepEqual(
      backupsOfClaims({ claims: claimed.claims ?? [], storageClasses }).map(
        ({ directory }) => directory,
      ),
      ["/fast/vault_snapshots"],
    );
  });

  it("has its snapshots made by a pod that no Service selects, before the apps' backups", () => {
    const { app } = stackWith({ snapshots: { keep: 3 } });
    const job = JSON.stringify(renderCronJob(app, values));
    assert.match(job, /"schedule":"15 2 \* \* \*"/);
    assert.match(job, /"labels":\{"app.kubernetes.io\/name":"vault-snapshots"/);
    assert.match(job, /"name":"KEEP","value":"3"/);
    assert.match(job, /"name":"BAO_TOKEN","valueFrom":\{"secretKeyRef"/);
  });

  it("says to validation and by its alerts how it is unsealed", () => {
    const { plans, facts } = stackWith({});
    const unseal = "kubectl -n vault exec -it vault-0 -- bao operator unseal";
    assert.equal(JSON.stringify(appsChecks(plans)?.vault).includes(unseal), true);
    assert.deepEqual(
      facts.alerts?.flatMap(({ rules }) => rules.map((rule) => "alert" in rule && rule.alert)),
      ["VaultSealed", "VaultSnapshotOld"],
    );
    assert.match(facts.secrets?.[0]?.leftOut ?? "", /no snapshots of OpenBao are made/);
  });

  it("is refused on a machine that sleeps, since it wakes sealed", () => {
    const [problem] = stackWith({ machine: "spruce" }).plan.judge?.() ?? [];
    assert.equal(problem?.path, "apps.vault.machine");
    assert.match(problem.found, /spruce, which sleeps/);
    assert.deepEqual(stackWith({}).plan.judge?.(), []);
  });
});

/** Stands in for the engine: `renew` fails where the file says so, `save` writes. */
const ENGINE = `#!/bin/sh
case "$1" in
  token) [ ! -e "$FOLDER/../no-renewal" ] ;;
  operator) printf 'a snapshot' >"$5" ;;
esac
`;

describe("a snapshot of the store of secrets", () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-vault-"));
    fs.mkdirSync(path.join(root, "snapshots"));
    fs.writeFileSync(path.join(root, "engine"), ENGINE, { mode: 0o755 });
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });
  const script = path.join(__dirname, "../../../components/apps/vault/files/snapshot.sh");
  const folder = (): string => path.join(root, "snapshots");
  const save = () =>
    spawnSync("/bin/sh", [script], {
      encoding: "utf8",
      env: {
        ...process.env,
        ...{ PROGRAM: path.join(root, "engine"), FOLDER: folder(), KEEP: "2" },
      },
    });

  it("is written whole, and the oldest ones go", () => {
    for (const day of ["01", "02", "03"])
      fs.writeFileSync(path.join(folder(), `202601${day}T021500Z.snap`), "old");
    const { status, stderr } = save();
    assert.equal(status, 0, stderr);
    const left = fs.readdirSync(folder()).sort();
    assert.equal(left.length, 2);
    assert.equal(left[0], "20260103T021500Z.snap");
    assert.equal(fs.readFileSync(path.join(folder(), left[1] ?? ""), "utf8"), "a snapshot");
  });

  it("is made and then said to fail where its token ends by itself", () => {
    fs.writeFileSync(path.join(root, "no-renewal"), "");
    const { status, stderr } = save();
    assert.equal(status, 1);
    assert.match(stderr, /make one with -period/);
    assert.equal(fs.readdirSync(folder()).length, 1);
  });
});
