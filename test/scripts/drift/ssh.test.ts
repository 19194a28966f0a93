import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { explainFailure, findObstacle } from "../../../scripts/kit/look/failure";
import {
  renderKnownHosts,
  renderSshArgs,
  type SshLogin,
} from "../../../components/remote/ssh-options";
import { type Connection, renderLogin } from "../../../scripts/kit/ssh/connection";
import { chain, connectionTo } from "./fake-machines";

function args(connection: Partial<Connection> = {}, files: Partial<SshLogin> = {}): string[] {
  const login = renderLogin("alpha", connectionTo(connection), { knownHosts: "/tmp/known_hosts" });
  return renderSshArgs({ ...login, ...files }, ["sudo -n sh -us"]);
}

/** How OpenSSH itself understands the arguments, without connecting; keywords in lower case. */
function understood(list: string[]): Map<string, string> {
  const { stdout, stderr } = spawnSync("ssh", ["-G", "-F", "none", ...list], { encoding: "utf8" });
  assert.equal(stderr, "");
  const lines = stdout.trimEnd().split("\n");
  return new Map(lines.map((line) => [line.split(" ", 1)[0] ?? "", line.replace(/^\S+ /, "")]));
}

describe("a connection to a machine", () => {
  it("asks no question, accepts only the pinned key and is never shared, as OpenSSH understands it", () => {
    const options = understood(args({ port: 2222 }));
    const expected = {
      ...{ hostname: "10.0.0.1", port: "2222", user: "ops", batchmode: "yes" },
      ...{ stricthostkeychecking: "true", hostkeyalias: "alpha", connecttimeout: "3" },
      ...{ userknownhostsfile: "/tmp/known_hosts", globalknownhostsfile: "/dev/null" },
      ...{ controlmaster: "false", forwardagent: "no", updatehostkeys: "false" },
    };
    for (const [key, value] of Object.entries(expected)) assert.equal(options.get(key), value, key);
  });

  it("finds its files also where their path has spaces and per cent signs", () => {
    const path = "/tmp/a folder/100%/known hosts";
    const options = understood(args({}, { knownHosts: path, identity: path }));
    // ssh -G prints what it will expand again.
    assert.equal(
      options.get("userknownhostsfile")?.replaceAll("%%", "%").replaceAll('"', ""),
      path,
    );
    assert.equal(options.get("identitiesonly"), "yes");
  });

  it("never takes a host for an option", () => {
    const list = args({ host: "-oProxyCommand=touch x" });
    assert.deepEqual(list.slice(-3), ["--", "-oProxyCommand=touch x", "sudo -n sh -us"]);
  });

  it("knows each machine's key under the machine's name", () => {
    const key = connectionTo().hostKey ?? "";
    const open = { name: "beta", hostKey: undefined };
    assert.equal(renderKnownHosts([{ name: "alpha", hostKey: key }, open]), `alpha ${key}\n`);
  });
});

describe("a machine that cannot be looked at", () => {
  const sleeper = chain("beta", [], { sleeps: true });
  const always = chain("alpha", []);
  const said = (stderr: string, code = 255) => ({ code, stderr });
  const timedOut = said("ssh: connect to host 10.0.0.1 port 22: Connection timed out\n");

  it("is asleep only if it may sleep and nothing answers", () => {
    const noRoute = said("ssh: connect to host 10.0.0.1 port 22: No route to host\n");
    const refused = said("ssh: connect to host 10.0.0.1 port 22: Connection refused\n");
    assert.deepEqual(explainFailure(sleeper, timedOut), { status: "asleep", error: null });
    assert.equal(explainFailure(sleeper, noRoute).status, "asleep");
    assert.equal(explainFailure(sleeper, refused).status, "unreachable");
    assert.equal(explainFailure(always, timedOut).status, "unreachable");
    assert.equal(explainFailure(always, noRoute).status, "unreachable");
  });

  it("has its own message for each cause, with what to do", () => {
    const hostKey = explainFailure(always, said("Host key verification failed.\r\n"));
    assert.equal(hostKey.status, "could-not-look");
    assert.match(hostKey.error ?? "", /not the pinned one[^]*to do: .*vmstation trust alpha/);
    const denied = explainFailure(
      sleeper,
      said("ops@10.0.0.1: Permission denied (publickey).\r\n"),
    );
    assert.equal(denied.status, "could-not-look");
    assert.match(denied.error ?? "", /refuses the login[^]*Permission denied[^]*ssh-add -l/);
    const sudo = explainFailure(always, said("sudo: a password is required\n", 1));
    assert.match(sudo.error ?? "", /no root shell for ops[^]*password is required[^]*sudo without/);
    const full = explainFailure(always, said("mktemp: No space left on device\n", 1));
    assert.match(full.error ?? "", /^the check could not start:\nmktemp: [^]*df \/run/);
  });

  it("is not asked if it is offline or its key is not pinned", () => {
    assert.equal(findObstacle(always), undefined);
    const away = chain("gamma", [], { offline: true });
    assert.deepEqual(findObstacle(away), { status: "offline", error: null });
    const open = { ...always, connection: connectionTo({ hostKey: undefined }) };
    assert.match(findObstacle(open)?.error ?? "", /not pinned\n {2}to do: vmstation trust alpha/);
  });
});
