import { SYSTEM_NAMES, SYSTEMS } from "../../../components/shared/systems";

function row(name: (typeof SYSTEM_NAMES)[number]): string {
  const { title, packageManager, network, accessControl, hasIptables, interferes, run } =
    SYSTEMS[name];
  const filter = hasIptables ? "iptables or nftables" : "nftables";
  const cells = [
    `\`${name}\``,
    title,
    packageManager,
    network,
    accessControl,
    filter,
    interferes.join(", "),
    run,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The table of docs/systems.md, written from the one table of systems. */
export function renderSystems(): string {
  const head = [
    ...["`os`", "system", "packages", "network", "access control", "kube-proxy"],
    ...["acts by itself", "run in tests"],
  ];
  return [
    "<!-- systems: written by `WRITE_DOCS=1 npx mocha test/unit/shared/systems.test.ts` -->",
    "",
    "<!-- prettier-ignore -->",
    `| ${head.join(" | ")} |`,
    `|${" --- |".repeat(head.length)}`,
    ...SYSTEM_NAMES.map(row),
    "",
    "<!-- end of systems -->",
  ].join("\n");
}

/** The page with its table written again. */
export function withSystems(page: string): string {
  return page.replace(/<!-- systems: [^]*<!-- end of systems -->/, renderSystems);
}
