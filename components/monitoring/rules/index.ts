import { backupRules } from "./backup";
import { dnsRules } from "./dns";
import { nodeRules } from "./nodes";
import { powerRules } from "./power";
import { probeRules } from "./probes";
import { prometheusRules } from "./prometheus";
import type { RuleGroup } from "./rule";
import { syslogRules } from "./syslog";
import { timeRules } from "./time";

/** Every alert of ours, by subject. */
export const ruleGroups: readonly RuleGroup[] = [
  nodeRules,
  dnsRules,
  probeRules,
  timeRules,
  syslogRules,
  prometheusRules,
  powerRules,
  backupRules,
];
