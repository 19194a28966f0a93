import assert from "node:assert/strict";
import * as net from "node:net";
import { chooseSender, wakeDirectly } from "../../../scripts/kit/wake/direct";
import { KeepAwake } from "../../../scripts/kit/ssh/keep-awake";
import { ControllerAway, PowerController } from "../../../scripts/kit/controller/power-controller";
import { fakeOperator, IDLE } from "./support";

const MAC = "02:00:00:00:00:01";

describe("a magic packet without the controller", () => {
  let sshd: net.Server;
  let port: number;
  let packets: (readonly [mac: string, targets: readonly string[]])[];

  beforeEach(async () => {
    packets = [];
    sshd = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("SSH-2.0-OpenSSH_9.2p1\r\n");
    });
    await new Promise<void>((resolve) => sshd.listen(0, "127.0.0.1", resolve));
    const address = sshd.address();
    assert.ok(address !== null && typeof address === "object");
    port = address.port;
  });
  afterEach(() => {
    sshd.close();
  });

  const wake = (
    changes: Partial<Parameters<typeof wakeDirectly>[0]> & { mac?: string | undefined },
  ) => {
    const { mac = MAC, ...more } = changes;
    return wakeDirectly({
      machine: {
        ...{ name: "box", address: "127.0.0.1", sshPort: port, sshUser: "ann" },
        ...{ sleeps: true, offline: false, ...(mac === "" ? {} : { mac }) },
      },
      ...{ broadcast: "127.0.0.255", patience: 1, wait: true, onProgress: () => undefined },
      send: (to, targets) => {
        packets.push([to, targets]);
        return Promise.resolve();
      },
      ...more,
    });
  };

  const close = (): Promise<void> =>
    new Promise((resolve) =>
      sshd.close(() => {
        resolve();
      }),
    );

  it("is not sent to a machine that is up", async () => {
    assert.deepEqual([await wake({}), packets], [[], []]);
  });

  it("goes to the broadcast address and the machine until its SSH answers", async () => {
    await close();
    const send = (mac: string, targets: readonly string[]): Promise<void> => {
      packets.push([mac, targets]);
      return new Promise((resolve) => sshd.listen(port, "127.0.0.1", resolve));
    };
    assert.deepEqual(await wake({ send, patience: 30 }), []);
    assert.deepEqual(packets, [[MAC, ["127.0.0.255", "127.0.0.1"]]]);
  });

  it("is given up after the machine's time limit", async () => {
    await close();
    assert.deepEqual(await wake({}), [
      `no SSH at 127.0.0.1:${port} within 1 s of the first magic packet`,
    ]);
    assert.equal(packets.length, 1);
  });

  it("is sent once where nobody waits, and not at all without a MAC address", async () => {
    await close();
    assert.deepEqual([await wake({ wait: false }), packets.length], [[], 1]);
    assert.match((await wake({ mac: "" })).join(), /machines\.box\.mac is not set/);
  });

  it("is refused where nothing on the LAN can send it", () => {
    assert.throws(
      () => chooseSender({ cidr: "10.0.0.0/24" }, [], () => false),
      /not in 10\.0\.0\.0\/24, and no machine there answers/,
    );
  });
});

describe("a machine held awake for as long as a session lasts", () => {
  it("is held under a name of its own, and released by that", async () => {
    const answer = { stdout: JSON.stringify(IDLE) };
    const { operator, asked } = fakeOperator(answer, answer);
    const controller = new PowerController(operator, () => undefined);
    const kept = new KeepAwake(controller, "box", "vmstation ssh", () => undefined);
    await kept.begin();
    await kept.end();
    const [hold, release] = asked.map(({ input }) => input.split("\n")[0] ?? "");
    const why = new RegExp(`'(--why=vmstation ssh by .* on .* \\(process ${process.pid}\\))'`);
    assert.match(hold ?? "", /^set -- 'hold' 'box' '--for=900s' /);
    assert.equal(release, `set -- 'release' 'box' '${why.exec(hold ?? "")?.[1] ?? ""}' '--json'`);
  });

  it("goes without where the controller cannot be asked, and says so", async () => {
    const { operator, asked } = fakeOperator({ code: 255, stderr: "No route to host" });
    const said: string[] = [];
    const controller = new PowerController(operator, () => undefined);
    const kept = new KeepAwake(controller, "box", "vmstation ssh", (text) => said.push(text));
    await kept.begin();
    await kept.end();
    assert.deepEqual(said, ["box is not held awake: control does not answer: No route to host\n"]);
    assert.equal(asked.length, 1);
  });

  it("does not hide what is no fault of the controller's", async () => {
    const kept = new KeepAwake(
      { call: () => Promise.reject(new TypeError("a bug")) },
      ...(["box", "x", () => undefined] as const),
    );
    await assert.rejects(kept.begin(), TypeError);
    assert.ok(new ControllerAway("x", true).reachable);
  });
});
