import assert from "node:assert/strict";
import http from "node:http";
import { text } from "node:stream/consumers";
import type { Ran } from "../scripts/operations/lab";
import { AlertmanagerLab } from "./alertmanager-lab";
import { requireLan } from "./lan";
import { requireTools } from "./use-cluster";

const PORT = 8090;
const SERVER = `http://127.0.0.1:${PORT}`;
const HOOK = { type: "webhook", url: `${SERVER}/hook`, tokenSecret: "hookToken" };

interface Got {
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

describe("a test alert, by the real Alertmanager", function () {
  this.timeout(60_000);
  let lab: AlertmanagerLab | undefined;
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
    await lab?.stop();
    lab = undefined;
  });

  /** Alertmanager with this receiver, and what `vmstation alert test` says then. */
  async function test(receiver: object): Promise<Ran> {
    lab = await AlertmanagerLab.start({ receiver });
    return lab.test();
  }

  it("comes to a webhook, with its token, and is seen to come", async () => {
    const { code, stdout } = await test(HOOK);
    assert.equal(code, 0, stdout);
    const [name = ""] = /^VMStationTest\d+/.exec(stdout) ?? [];
    const { url, authorization, body } = got[0] ?? assert.fail("nothing came");
    assert.deepEqual([url, authorization], ["/hook", "Bearer s3cret"]);
    assert.ok(body.includes(`"alertname":"${name}"`), body);
  });

  it("comes to a topic of ntfy, in the form that ntfy makes a message of", async () => {
    const { code, stdout } = await test({ type: "ntfy", topic: "hazel", server: SERVER });
    assert.equal(code, 0, stdout);
    assert.match(got[0]?.url ?? "", /^\/hazel\?template=alertmanager$/);
  });

  it("is seen not to come where the receiver refuses it, with what the receiver answered", async () => {
    status = 403;
    const { code, stdout } = await test(HOOK);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /403/);
    assert.doesNotMatch(stdout, /s3cret/);
  });
});
