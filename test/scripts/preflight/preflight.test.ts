import assert from "node:assert/strict";
import { z } from "zod";
import { parseFindings } from "../../../scripts/verbs/preflight/findings";
import { OperationsLab } from "../operations/lab";

/** As components/validation/files/preflight.sh prints them; its own tests hold it to that. */
const FOUND = `vmstation: hazel: preflight stopped before anything was changed on it
  kernel: found 3.10.0, expected 4.19 or newer
    to do: install a newer kernel and start it
  file system of /: found 9216 MB, expected 20000 MB or more
    to do: give / more room
`;

const document = z.looseObject({
  machines: z.array(z.object({ status: z.string(), error: z.string() })),
});

describe("vmstation preflight", () => {
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
  });
  afterEach(() => {
    lab.remove();
  });

  it("reports every finding of every machine, and ends with 1", async () => {
    lab.answer("hazel", `cat >&2 <<'END'\n${FOUND}END\nexit 1`);
    lab.answer("maple", "echo 'preflight: no ip_set yet; it will be installed' >&2");
    lab.silence("spruce");
    const { code, stdout } = await lab.run("preflight");
    assert.equal(code, 1);
    assert.equal(
      stdout,
      `hazel (192.168.8.62): not as described
  kernel: found 3.10.0, expected 4.19 or newer
    to do: install a newer kernel and start it
  file system of /: found 9216 MB, expected 20000 MB or more
    to do: give / more room
maple (192.168.8.63): as described
  no ip_set yet; it will be installed
spruce (192.168.8.61): asleep; not checked (--wake wakes it first)
1 not as described, 1 as described, 1 asleep
`,
    );
  });

  it("runs the step of the graph, by the machine's own description", async () => {
    const { code } = await lab.run("preflight", "hazel");
    assert.equal(code, 0);
    assert.deepEqual(lab.sessions(), ["hazel sudo -n sh -eus apply"]);
    const asked = lab.read("hazel/asked");
    for (const text of ["# preflight on hazel: no check", "OS='rhel-10'", "NIC='eno1'"]) {
      assert.ok(asked.includes(text), text);
    }
    assert.match(asked, /^look_at_system\(\) \{$[^]*^main "\$@" <\/dev\/null$/m);
  });

  it("ends with 2 where a machine that never sleeps is away, and says so in JSON as well", async () => {
    lab.silence("maple");
    const { code, stdout } = await lab.run("preflight", "maple", "--json");
    assert.equal(code, 2);
    const { machines, ...rest } = document.parse(JSON.parse(stdout));
    assert.deepEqual(rest, { version: 1, stack: "homelab", exitCode: 2 });
    assert.deepEqual(
      machines.map(({ status, error }) => [status, error.split("\n")[0]]),
      [["unreachable", "no answer:"]],
    );
  });

  it("looks at no machine that the configuration says is away, nor at one without a pinned key", async () => {
    lab.remove();
    lab = new OperationsLab(
      [["machines", "hazel", "offline"], true],
      [["machines", "spruce", "hostKey"], undefined],
    );
    const { code, stdout } = await lab.run("preflight");
    assert.equal(code, 2);
    assert.match(stdout, /^hazel .*: offline, as the configuration says$/m);
    assert.match(
      stdout,
      /its host key is not pinned\n {4}to do: npx vmstation -C \S+ trust --stack homelab spruce/,
    );
    assert.deepEqual(lab.sessions(), ["maple sudo -n sh -eus apply"]);
  });

  it("ends with 2 if the check itself stops", async () => {
    lab.answer("maple", "echo 'vmstation: maple: cannot write to /run' >&2; exit 1");
    const { code, stdout } = await lab.run("preflight", "maple");
    assert.equal(code, 2);
    assert.match(stdout, /could not be checked\n {2}vmstation: maple: cannot write to \/run\n/);
  });

  it("refuses a machine that there is not, before it asks any", async () => {
    const { code, stderr } = await lab.run("preflight", "homlab");
    assert.equal(code, 2);
    assert.match(stderr, /has no machine homlab/);
    assert.deepEqual(lab.sessions(), []);
  });

  it("reads findings whole, with any commas in them", () => {
    const text = "  programs: found no a, b, expected a b c\n    to do: install what is missing\n";
    assert.deepEqual(parseFindings(text), [
      { what: "programs", found: "no a, b", expected: "a b c", advice: "install what is missing" },
    ]);
  });
});
