/** The real program as far as the machines: there is no cluster to go on with. */
import { buildMachines } from "../../../stacks/machines";
import { loadStack } from "../../../stacks/config";

buildMachines(loadStack());
