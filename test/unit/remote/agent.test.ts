import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import {
  renderAuthorizedKey,
  renderKnownHosts,
  renderSudoers,
} from "../../../components/remote/agent/render";
import { agentRole } from "../../../components/remote/agent/role";

const FILES = path.join(__dirname, "../../../components/remote/agent/files");
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC test";
const POWER = agentRole("power");

describe("the key of a controller", () => {
  it("runs the gate, from the controller's address, and nothing else", () => {
    assert.equal(
      renderAuthorizedKey(POWER, `made\n${KEY}\n`, "192.168.8.63"),
      `restrict,from="192.168.8.63",command="/usr/local/lib/vmstation/power-gate.sh" ${KEY}\n`,
    );
  });

  it("is a public key: anything else is refused", () => {
    const other = fc
      .string()
      .filter(
        (text) => !/^ssh-ed25519 [\w+/]+=*( .*)?$/.test(text.trim().split("\n").at(-1) ?? ""),
      );
    fc.assert(
      fc.property(fc.oneof(other, fc.constant('command="sh" ssh-ed25519 A')), (text) => {
        assert.throws(() => renderAuthorizedKey(POWER, text, "192.0.2.1"), /not a public key/);
      }),
    );
  });

  it("lets sudo run the agent with the words that are named, exactly", () => {
    const agent = "/usr/local/sbin/vmstation-power-agent";
    assert.equal(
      renderSudoers(POWER, ["observe", "archive notes"]),
      `vmstation-power ALL=(root) NOPASSWD: ${agent} observe, ${agent} archive notes\n`,
    );
  });

  it("is used only where the host key is pinned", () => {
    const pinned = { address: "192.0.2.1", sshPort: 2222, hostKey: "ssh-ed25519 AAAA" };
    assert.equal(
      renderKnownHosts([pinned, { ...pinned, sshPort: 22 }, { ...pinned, hostKey: undefined }]),
      "[192.0.2.1]:2222 ssh-ed25519 AAAA\n192.0.2.1 ssh-ed25519 AAAA\n",
    );
  });
});

describe("programs that are installed under a name for each role", () => {
  let folder: string;
  const install = (name: string, text: string): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text, { mode: 0o755 });
    return file;
  };
  const read = (file: string): string => fs.readFileSync(path.join(FILES, file), "utf8");
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-agent-"));
    for (const tool of ["sudo", "python3"])
      install(tool, `#!/bin/sh\nprintf '${tool}'; printf '|%s' "$@"\n`);
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function ask(role: string, command: string | undefined): { status: number | null; ran: string } {
    const { status, stdout } = spawnSync(install(`${role}-gate.sh`, read("gate.sh")), [], {
      encoding: "utf8",
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        ...(command === undefined ? {} : { SSH_ORIGINAL_COMMAND: command }),
      },
    });
    return { status, ran: stdout };
  }

  it("the gate gives its role's agent the words of the command", () => {
    assert.equal(
      ask("power", "arm-test").ran,
      "sudo|-n|/usr/local/sbin/vmstation-power-agent|arm-test",
    );
    assert.equal(
      ask("backup", "archive jellyfin").ran,
      "sudo|-n|/usr/local/sbin/vmstation-backup-agent|archive|jellyfin",
    );
  });

  it("the gate refuses what is more than words, and a log-in", () => {
    for (const command of [undefined, "", "observe; id", "$(id)", "archive ../x", "a\nb", "*"]) {
      assert.deepEqual(ask("power", command), { status: 2, ran: "" }, command);
    }
    const text = fc.string({ unit: "binary-ascii" }).filter((s) => !s.includes("\0"));
    fc.assert(
      fc.property(text, (command) => {
        const { ran } = ask("power", command);
        const words = /^[a-z0-9 -]+$/.test(command) ? command.split(" ").filter(Boolean) : null;
        const wanted = ["sudo", "-n", POWER.command, ...(words ?? [])].join("|");
        assert.equal(ran, words ? wanted : "");
      }),
      { numRuns: 30 },
    );
  });

  it("the entry starts its role's agent", () => {
    const entry = install(
      "vmstation-backup-agent",
      read("entry.sh").replace("PATH=", "PATH=$PATH:"),
    );
    const { stdout } = spawnSync(entry, ["archive", "two words"], {
      encoding: "utf8",
      env: { PATH: `${folder}:/usr/bin:/bin` },
    });
    assert.equal(stdout, "python3|-B|/usr/local/lib/vmstation/backup-agent.py|archive|two words");
  });
});
