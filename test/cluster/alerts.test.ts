import assert from "node:assert/strict";
import http from "node:http";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { renderAlertmanagerConfig } from "../../components/monitoring/parts/alertmanager";
import { receiverSchema } from "../../components/monitoring/receivers";
import { OperationsLab, type Ran } from "../scripts/operations/lab";
import { waitFor } from "../rig/wait";
import { config } from "../unit/monitoring/homelab";
import { secretsOf } from "../unit/monitoring/receivers";
import { Daemon } from "./daemon";
import { requireLan } from "./lan";
import { toolPath } from "./tools";
import { requireTools } from "./use-cluster";
import { ask } from "./web";

const PORT = 8090;
const SERVER = `http://127.0.0.1:${PORT}`;

interface Got {
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

describe("a test alert, by the real Alertmanager", function () {
  this.timeout(60_000);
  let lab: OperationsLab;
  let daemon: Daemon | undefined;
  /** Where the suite was left out, nothing was begun. */
  let end = (): void => undefined;
  let status = 200;
  let got: Got[] = [];

  before(async function () {
    requireTools(this, ["alertmanager", "prometheus"]);
    await requireLan(this);
    const server = http.createServer((request, response) => {
      void text(request).then((body) => {
        const { url = "", headers } = request;
        got.push({ url, authorization: headers.authorization ?? "", body });
        response.writeHead(status).end();
      });
    });
    end = () => void server.close();
    await new Promise<void>((resolve) => server.listen(PORT, "127.0.0.1", resolve));
  });
  after(() => {
    end();
  });
  beforeEach(() => {
    got = [];
    status = 200;
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    lab.remove();
  });

  /** Alertmanager as the stack configures it, and a machine whose kubectl leads into its pod. */
  async function start(written: object): Promise<void> {
    lab = new OperationsLab([["monitoring", "alertmanager", "receiver"], written]);
    const receiver = receiverSchema.parse(written);
    const rendered = stringify(
      renderAlertmanagerConfig(config().alertmanager, receiver, secretsOf(receiver)),
      // It waits half a minute for more alerts of the name, for which nothing here could be learned.
    ).replace("group_wait: 30s", "group_wait: 1s");
    const folder = lab.root;
    const file = lab.write("alertmanager.yaml", rendered);
    const listen = "--web.listen-address=127.0.0.1:9093";
    daemon = new Daemon({
      folder,
      program: toolPath("alertmanager"),
      args: [
        ...[`--config.file=${file}`, `--storage.path=${folder}/data`, listen],
        "--cluster.listen-address=",
      ],
    });
    lab.write("bin/amtool", `#!/bin/sh\nexec ${toolPath("amtool")} "$@"\n`, 0o755);
    lab.write("bin/wget", '#!/bin/sh\nshift 3\nexec curl -sS "$@"\n', 0o755);
    lab.write(
      "bin/kubectl",
      `#!/bin/sh
case "$*" in
  *' logs '*) exec cat "${folder}/alertmanager.log" ;;
esac
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`,
      0o755,
    );
    lab.answer("maple", `PATH="$BOX/bin:$PATH" exec sh -eus`);
    await waitFor("Alertmanager", async () => {
      daemon?.assertRunning();
      return (await ask("http://127.0.0.1:9093/-/ready")).status === 200;
    });
  }

  const test = (): Promise<Ran> => lab.run("alert", "test", "--wait", "20s");

  it("comes to a webhook, with its token, and is seen to come", async () => {
    await start({ type: "webhook", url: `${SERVER}/hook`, tokenSecret: "hookToken" });
    const { code, stdout } = await test();
    assert.equal(code, 0, stdout);
    const [name = ""] = /^VMStationTest\d+/.exec(stdout) ?? [];
    const { url, authorization, body } = got[0] ?? assert.fail("nothing came");
    assert.deepEqual([url, authorization], ["/hook", "Bearer s3cret"]);
    assert.ok(body.includes(`"alertname":"${name}"`), body);
  });

  it("comes to a topic of ntfy, in the form that ntfy makes a message of", async () => {
    await start({ type: "ntfy", topic: "hazel", server: SERVER });
    const { code, stdout } = await test();
    assert.equal(code, 0, stdout);
    assert.match(got[0]?.url ?? "", /^\/hazel\?template=alertmanager$/);
  });

  it("is seen not to come where the receiver refuses it, with what the receiver answered", async () => {
    status = 403;
    await start({ type: "webhook", url: `${SERVER}/hook`, tokenSecret: "hookToken" });
    const { code, stdout } = await test();
    assert.equal(code, 1, stdout);
    assert.match(stdout, /403/);
    assert.doesNotMatch(stdout, /s3cret/);
  });
});
