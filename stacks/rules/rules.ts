import { validateBootstrap } from "../../components/bootstrap/facts";
import type { Problem } from "../../components/shared/problem";
import { appRules } from "./apps";
import { claimRules } from "./claims";
import { folderRules } from "./folders";
import { gitopsRules } from "./gitops";
import { hypervisorRules } from "./hypervisor";
import { machineRules } from "./machines";
import { nameRules } from "./names";
import { networkRules } from "./network";
import { nodeNetworkRules } from "./node-network";
import { platformRules } from "./platform";
import type { Site } from "../site";
import { roleRules } from "./roles";
import { storageRules } from "./storage";
import { twinRules } from "./twins";

/** What must be true across layers. Every rule is checked, so that all mistakes are reported at once. */
export function listRuleProblems(site: Site): Problem[] {
  return [
    ...networkRules(site),
    ...nodeNetworkRules(site),
    ...machineRules(site),
    ...hypervisorRules(site),
    ...roleRules(site),
    ...storageRules(site),
    ...claimRules(site),
    ...appRules(site),
    ...nameRules(site),
    ...twinRules(site),
    ...folderRules(site),
    ...platformRules(site),
    ...gitopsRules(site),
    ...validateBootstrap(site.config.bootstrap, { ...site, lan: site.config.lan }),
  ];
}
