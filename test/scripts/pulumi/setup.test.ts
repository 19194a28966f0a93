import assert from "node:assert/strict";
import { decideSetup, type Setup, type Surroundings } from "../../../scripts/kit/pulumi/setup";

const NOTHING: Surroundings = {
  env: {},
  projectBackend: undefined,
  login: undefined,
  stackFile: { config: {} },
  hasPassphraseFile: false,
};

const SALTED = { encryptionsalt: "v1:x" };
const OWN: Setup = { ownBackend: true, ownPassphrase: "make", copyConfig: true };

describe("what the wrapper sets up", () => {
  const cases: [string, Partial<Surroundings>, Partial<Setup>][] = [
    ["all where nothing is", {}, {}],
    [
      "no backend beside PULUMI_BACKEND_URL",
      { env: { PULUMI_BACKEND_URL: "s3://b" } },
      { ownBackend: false },
    ],
    ["no backend beside Pulumi.yaml's", { projectBackend: "file:///x" }, { ownBackend: false }],
    ["no backend after pulumi login", { login: "file://~" }, { ownBackend: false }],
    [
      "neither where a service keeps both",
      { login: "https://api.pulumi.com" },
      { ownBackend: false, ownPassphrase: "none" },
    ],
    [
      "neither with an access token",
      { env: { PULUMI_ACCESS_TOKEN: "t" } },
      { ownBackend: false, ownPassphrase: "none" },
    ],
    [
      "no passphrase beside a given one",
      { env: { PULUMI_CONFIG_PASSPHRASE: "" } },
      { ownPassphrase: "none" },
    ],
    [
      "no passphrase beside a given file",
      { env: { PULUMI_CONFIG_PASSPHRASE_FILE: "f" } },
      { ownPassphrase: "none" },
    ],
    [
      "no passphrase beside a secrets provider",
      { stackFile: { secretsprovider: "awskms://x" } },
      { ownPassphrase: "none", copyConfig: false },
    ],
    [
      "no new passphrase for a salt that belongs to another",
      { stackFile: SALTED },
      { ownPassphrase: "none", copyConfig: false },
    ],
    [
      "its own passphrase for a salt that was made with it",
      { stackFile: SALTED, hasPassphraseFile: true },
      { ownPassphrase: "existing", copyConfig: false },
    ],
  ];
  for (const [what, given, wanted] of cases) {
    it(`is ${what}`, () => {
      assert.deepEqual(decideSetup({ ...NOTHING, ...given }), { ...OWN, ...wanted });
    });
  }
});
