import type { Rights } from "../support/proxmox-rights";
import { FakePve } from "./fake-pve";

/** Gives a suite a fake of Proxmox's API, whose token has these rights. */
export function useFakePve(rights?: Rights): () => FakePve {
  let started: FakePve | undefined;
  before(async function () {
    started = await FakePve.require(this);
    if (rights !== undefined) await started.call("allow", rights);
  });
  after(() => {
    started?.stop();
    started = undefined;
  });
  return () => {
    if (started === undefined) throw new Error("there is no fake of Proxmox");
    return started;
  };
}

/** Why a request was refused; nothing where it was not. */
export function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => String(error),
  );
}
