import { appsSchema } from "../../../components/apps/config";
import { appsFacts } from "../../../components/apps/facts";
import type { AppPlan, AppSite } from "../../../components/apps/frame/app";
import { renderFoldersStep } from "../../../components/apps/frame/folders";
import { planApps } from "../../../components/apps/plan-apps";
import type { Step } from "../../../components/remote/step";
import type { BackupSource } from "../../../components/shared/facts";
import { CONFIGURED, type ConfiguredName } from "../../support/fixtures/apps/configured/apps";
import type { Machine } from "../machine";
import { NETWORK } from "../machine-spec";

/** An app that the stack's file alone describes, as its frame and the backups see it. */
export class StackApp {
  constructor(
    readonly plan: AppPlan,
    readonly machine: Machine,
    private readonly site: AppSite,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  get folder(): string {
    const [folder = ""] = this.plan.backups;
    return folder;
  }

  get sources(): readonly BackupSource[] {
    return appsFacts([this.plan], this.site).backups ?? [];
  }

  /** Makes its folder, as the frame does. */
  get folders(): Step {
    const step = renderFoldersStep(this.name, this.plan.volumes, { mounts: {} });
    if (step === undefined) throw new Error(`${this.name} has no folder`);
    return step;
  }

  /** What the app would have written in the course of time: of its own user, in use, and not all for everybody's eyes. */
  async write(): Promise<void> {
    await this.machine.exec(
      `cd ${this.folder} && setpriv --reuid 1000 --regid 1000 --clear-groups sh -s`,
      { input: DATA },
    );
  }

  /** Names, kinds, owners, rights, links and bytes; of a database its rows. */
  async look(): Promise<string> {
    return (await this.machine.exec(`cd ${this.folder} && sh -s`, { input: LOOK })).stdout;
  }
}

const DATA = `set -eu
mkdir -p items/2026
head -c 300000 /dev/urandom >items/2026/picture
printf 'line\\n' >'items/a name with spaces'
chmod 600 items/2026/picture
ln -s items/2026 latest
python3 -c 'import sqlite3
with sqlite3.connect("own.db") as db:
    db.execute("create table reader (name text)")
    db.execute("insert into reader values (?)", ("robin",))'
`;

const LOOK = `set -eu
find . -printf '%P %y %U:%G %m %l\\n' | sort
find . -type f ! -name own.db -exec sha256sum {} + | sort
python3 -c 'import sqlite3; print(sqlite3.connect("file:own.db?mode=ro", uri=True).execute("select * from reader").fetchall())'
`;

/** One of each kind: manifests on a machine that sleeps, a folder of Kustomize and a chart on the controller. */
const APPS = {
  feed: { ...CONFIGURED.feed, machine: "hazel" },
  board: { ...CONFIGURED.board, machine: "maple" },
  whoami: { ...CONFIGURED.whoami, machine: "maple" },
} satisfies Record<ConfiguredName, object>;

export function planStackApps(control: Machine, sleeper: Machine): StackApp[] {
  const machines = [control, sleeper];
  const site: AppSite = {
    machines: machines.map(({ name, address }) => {
      const sleeps = name === sleeper.name;
      return { name, address, sleeps, roles: [sleeps ? "worker" : "control-plane"] };
    }),
    controller: undefined,
    lan: { cidr: NETWORK.cidr },
    network: { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/12" },
  };
  return planApps(appsSchema.parse(APPS), site).map(
    (plan) => new StackApp(plan, plan.machine === sleeper.name ? sleeper : control, site),
  );
}
