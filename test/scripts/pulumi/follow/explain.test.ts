import assert from "node:assert/strict";
import { adviseOnCli, explain, isConsequence } from "../../../../scripts/kit/pulumi/follow/explain";
import { UNKNOWN_PROVIDER } from "./engine-events";

describe("a failure's explanation", () => {
  for (const [said, cause, advice] of [
    ["sudo: a password is required\n", /sudo without a password/, /going-live/],
    ["sh: 1: sudo: not found\n", /no sudo/, /install it/],
    [
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none], no supported methods remain",
      /no SSH key to log in with/,
      /ssh-add/,
    ],
    [
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported",
      /does not accept the key/,
      /ssh-add -l/,
    ],
    [
      "received an HTTP 500 response - Reason: cannot delete service 'vm:152', not HA managed!",
      /out of Proxmox's high availability already/,
      /vmstation refresh/,
    ],
    [
      "could not validate provider configuration: Attribute api_token API tokens must only contain characters a-z",
      /no API token of Cloudflare/,
      /config set --secret/,
    ],
  ] as const) {
    it(`of "${said.trim().slice(0, 60)}" says what to do`, () => {
      const found = explain(
        `Process exited with status 1: running " sudo -n sh -eus apply":\n${said}`,
      );
      assert.match(found.cause, cause);
      assert.match(found.advice ?? "", advice);
    });
  }

  it("is a step's own verdict first, then what its programs said", () => {
    const { cause, advice } = explain("E: no room\nvmstation: a: packages: apt ended\n  to do: df");
    assert.deepEqual([cause, advice], ["packages: apt ended\nE: no room", "df"]);
  });

  it("is the end of the output if nothing explains more", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const { cause, advice } = explain(lines.join("\n"));
    assert.equal(cause.split("\n").length, 12);
    assert.match(cause, /line 39$/);
    assert.equal(advice, undefined);
  });

  it("is not needed for a provider that was skipped, but for one that is really unknown", () => {
    assert.equal(isConsequence(UNKNOWN_PROVIDER), true);
    assert.equal(isConsequence("unknown provider 'urn::kubernetes::4711' for resource 'x'"), false);
  });

  it("of a lock names the stack's own command", () => {
    const said = "error: the stack is currently locked by 1 lock(s). Either wait …";
    assert.match(adviseOnCli(said, "mine") ?? "", /vmstation pulumi cancel --stack mine/);
    assert.equal(adviseOnCli("error: something else", "mine"), undefined);
  });
});
