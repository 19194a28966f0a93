import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { sendByWayOf } from "../../../components/remote/relay";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB";

/** Stands in for OpenSSH's client: notes what it was told and what lies in the files that it was given. */
const SSH = `#!/bin/sh
printf '%s\\n' "$@" >"$SEEN/arguments"
for each in "$@"; do
  case $each in
    UserKnownHostsFile=* | IdentityFile=*)
      quoted=\${each#*=}
      quoted=\${quoted#?}
      cp "\${quoted%?}" "$SEEN/\${each%%=*}"
      ;;
  esac
done
cat >"$SEEN/script"
[ ! -e "$SEEN/refuse" ] || { echo 'Host key verification failed.' >&2; exit 255; }
`;

describe("a relay", () => {
  const before = { PATH: process.env.PATH, SEEN: process.env.SEEN };
  let folder: string;
  const read = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
  const send = (privateKey?: pulumi.Output<string>): Promise<void> =>
    sendByWayOf(
      {
        machine: {
          ...{ name: "maple", address: "192.0.2.1", sshPort: 22, sshUser: "ops" },
          ...{ hostKey: HOST_KEY, sleeps: false, offline: false },
        },
        privateKey,
      },
      "02:00:00:00:08:61",
      ["192.0.2.255"],
    );

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "relay-test-"));
    fs.writeFileSync(path.join(folder, "ssh"), SSH, { mode: 0o755 });
    process.env.PATH = `${folder}:${before.PATH ?? ""}`;
    process.env.SEEN = folder;
  });
  afterEach(() => {
    process.env.PATH = before.PATH;
    delete process.env.SEEN;
    fs.rmSync(folder, { recursive: true });
  });

  it("is known by its pinned key alone, and logged in to with the configured one", async () => {
    await send(pulumi.secret("a private key"));
    const told = read("arguments").split("\n");
    for (const option of ["StrictHostKeyChecking=yes", "HostKeyAlias=maple"]) {
      assert.ok(told.includes(option), option);
    }
    assert.equal(read("UserKnownHostsFile"), `maple ${HOST_KEY}\n`);
    assert.equal(read("IdentityFile"), "a private key\n");
    assert.deepEqual(told.slice(-9), [
      ...["-l", "ops", "--", "192.0.2.1", "python3", "-"],
      ...["02:00:00:00:08:61", "192.0.2.255", ""],
    ]);
    assert.match(read("script"), /SO_BROADCAST/);
  });

  it("is asked with the agent's keys where none is configured, and leaves no file behind", async () => {
    await send();
    assert.doesNotMatch(read("arguments"), /IdentityFile/);
    const [, known = ""] = /UserKnownHostsFile="(.*)"/.exec(read("arguments")) ?? [];
    assert.equal(fs.existsSync(path.dirname(known)), false);
  });

  it("that shows another key sends nothing, and what ssh said is passed on", async () => {
    fs.writeFileSync(path.join(folder, "refuse"), "");
    await assert.rejects(send(), /^Error: Host key verification failed\.$/);
  });
});
