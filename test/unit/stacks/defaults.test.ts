import assert from "node:assert/strict";
import { checkConfig, unusedSecrets } from "../../../stacks/check";
import { listOpenQuestions } from "../../../stacks/open-questions";
import { changedHomelab, type Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";

const DERIVED: readonly Change[] = [
  [["lan", "broadcast"], undefined],
  [["node"], undefined],
  ...["hazel", "maple", "spruce"].map((name): Change => [["machines", name, "dns"], undefined]),
];

describe("what follows from the rest of the configuration", () => {
  it("need not be written: broadcast, name servers, time server, log server", () => {
    const { config, logServer } = homelabSite(...DERIVED, [["lan", "cidr"], "192.168.8.0/22"]);
    assert.equal(config.lan.broadcast, "192.168.11.255");
    assert.deepEqual(
      [config.node.timeServer, config.node.logServer, logServer],
      Array(3).fill("maple"),
    );
    for (const { dns } of Object.values(config.machines)) assert.deepEqual(dns, ["192.168.8.1"]);
  });

  it("means the same as the written value", () => {
    const written: Change[] = [
      [["lan", "broadcast"], "192.168.8.255"],
      [["node"], { timeServer: "maple", logServer: "maple" }],
      ...["hazel", "maple", "spruce"].map((name): Change => [
        ["machines", name, "dns"],
        ["192.168.8.1"],
      ]),
    ];
    const [left, full] = [homelabSite(...DERIVED), homelabSite(...written)];
    assert.equal(JSON.stringify(left), JSON.stringify(full));
  });

  it("follows the configured controller, and causes no second error without one", () => {
    const two: Change[] = [
      [
        ["machines", "alpha"],
        {
          ...{ address: "192.168.8.9", nic: "eno1", os: "debian-12", sshUser: "robin" },
          roles: ["control-plane"],
        },
      ],
      [["bootstrap", "controller"], "maple"],
    ];
    assert.equal(homelabSite(...DERIVED, ...two).config.node.logServer, "maple");
    assert.equal(homelabSite(...DERIVED, ...two.slice(0, 1)).config.node.logServer, "alpha");
    const { problems } = checkConfig(
      changedHomelab(...DERIVED, [["machines", "maple", "roles"], ["etcd"]]),
    );
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["machines"],
    );
  });
});

describe("a secret that nothing uses", () => {
  const withSecret = (name: string) => {
    const raw = { ...changedHomelab([[name], "x"]), secretKeys: [name] };
    const { site } = checkConfig(raw);
    assert.ok(site, "it is no mistake: a secret may be set before a key names it");
    return listOpenQuestions(
      site,
      "mine",
      () => true,
      () => false,
      unusedSecrets(raw, site),
    )
      .filter(({ path }) => path === name)
      .map(({ message }) => message);
  };

  it("is reported with what to do, and with the most similar name", () => {
    const [message = "", ...more] = withSecret("restApiToken");
    assert.deepEqual(more, []);
    assert.match(
      message,
      /^nothing uses this secret\. Name it .*config rm --stack mine vmstation:restApiToken$/,
    );
    assert.match(withSecret("bmcPasword")[0] ?? "", /; did you mean bmcPassword\?/);
    assert.deepEqual(withSecret("bmcPassword"), []);
  });
});

describe("several control planes", () => {
  const second: Change = [["machines", "hazel", "roles"], ["control-plane"]];
  const awake: Change = [["machines", "hazel", "power"], { mode: "always-on" }];
  const told = (...changes: readonly Change[]) =>
    listOpenQuestions(homelabSite(...changes), "mine", () => true).filter(
      ({ path }) => path === "machines",
    );

  it("without a virtual address are warned of, and with one are not", () => {
    const [warning, ...more] = told(second, awake);
    assert.deepEqual(more, []);
    assert.match(
      warning?.message ?? "",
      /^2 machines are control planes.* API server of hazel alone/,
    );
    assert.deepEqual(told(), []);
    const vip = { kube_vip_enabled: true, kube_vip_address: "192.168.8.9" };
    assert.deepEqual(told(second, awake, [["bootstrap", "variables"], vip]), []);
    const address = { address: "192.168.8.9" };
    assert.deepEqual(told(second, awake, [["bootstrap", "endpoint"], address]), []);
  });
});
