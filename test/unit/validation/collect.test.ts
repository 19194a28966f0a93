import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { Programs, python } from "./checks-python";

/** A server that answers with one status after the other, and then ends. */
const ENDPOINT = `
import http.server, json, os, ssl, threading, check_endpoint
folder = os.environ["PATH"].split(":")[0]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status)
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/api.crt", folder + "/api.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = {"address": "127.0.0.1", "port": server.server_port, "machines": []}
said = []
for server.status in (200, 401, 500):
    said.append(check_endpoint._answer(endpoint))
server.shutdown()
server.server_close()
said.append(check_endpoint._answer(endpoint))
metric = 'node_boot 7\\nvmstation_endpoint_holds{address="a"} '
said.append([check_endpoint.parse_holds(metric + state + "\\n") for state in ("1", "0")])
print(json.dumps(said))
`;

describe("what the checks look at", () => {
  const programs = new Programs();

  it("asks kubectl for lists only, with a time limit, and keeps its error where it fails", () => {
    const log = path.join(programs.folder, "log");
    programs.add(
      "kubectl",
      `echo "$@" >>'${log}'\ncase $* in *nodes*) echo '{"items": []}' ;; *) echo refused >&2; exit 1 ;; esac`,
    );
    const { stdout } = python(
      'import json, collect; print(json.dumps(collect.Collector({}).collect({"nodes", "pods"}, {})))',
      programs.folder,
    );
    assert.deepEqual(JSON.parse(stdout), {
      nodes: { ok: { items: [] } },
      pods: { error: "kubectl: refused" },
    });
    const calls = fs.readFileSync(log, "utf8").trim().split("\n").sort();
    assert.deepEqual(calls, [
      "--kubeconfig=/etc/kubernetes/admin.conf --request-timeout=20s get nodes -o json",
      "--kubeconfig=/etc/kubernetes/admin.conf --request-timeout=20s get pods --all-namespaces -o json",
    ]);
  });

  it("tells an API server that is not ready from one that does not answer", () => {
    const quoted = (lines: string): string =>
      `echo 'Error from server (InternalError): an error on the server ("${lines}") has prevented the request from succeeding' >&2; exit 1`;
    // Of a long list kubectl quotes the beginning only.
    const answers = [
      "echo '[+]ping ok'",
      quoted("[+]ping ok\\n[-]etcd failed: reason withheld\\nreadyz check failed"),
      quoted("[+]ping ok\\n[+]log o"),
      "echo 'connection refused' >&2; exit 1",
    ];
    answers.forEach((answer, i) => {
      fs.writeFileSync(path.join(programs.folder, `answer${i}`), answer);
    });
    programs.add("kubectl", `. "${programs.folder}/answer$ANSWER"`);
    const { stdout } = python(
      `import json, os, collect, check_cluster\nfor os.environ["ANSWER"] in map(str, range(${answers.length})):\n    print(json.dumps(collect.attempt(check_cluster._readyz, collect.Looker({}))))`,
      programs.folder,
    );
    const looks = stdout.trim().split("\n");
    assert.deepEqual(
      looks.map((look): unknown => JSON.parse(look)),
      [
        { ok: "[+]ping ok\n" },
        { ok: "[+]ping ok\n[-]etcd failed: reason withheld" },
        { ok: "[+]ping ok\n[+]log o\n[-]one that was not quoted failed" },
        { error: "kubectl: connection refused" },
      ],
    );
  });

  it("asks the API server's virtual address without looking at its certificate, and says why there is no answer", () => {
    const at = (name: string): string => path.join(programs.folder, name);
    const made = ["-keyout", at("api.key"), "-out", at("api.crt")];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const words = ["req", "-x509", ...kind, ...made, "-days", "9", "-subj", "/CN=api"];
    assert.equal(spawnSync("openssl", words).status, 0);
    const { stdout } = python(ENDPOINT, programs.folder);
    assert.equal(stdout.trim(), '[200, 401, 500, "[Errno 111] Connection refused", [1, 0]]');
  });

  it("reaches each awake machine through its tunnel address, and asks no machine that is asleep", () => {
    programs.add(
      "ping",
      'case $* in *10.244.1.0) exit 0 ;; *) echo "100% packet loss"; exit 1 ;; esac',
    );
    const node = (name: string, ready: string, address: string, state: string) => ({
      metadata: {
        name,
        labels: { "vmstation.io/power-state": state },
        annotations: { "projectcalico.org/IPv4IPIPTunnelAddr": address },
      },
      status: { conditions: [{ type: "Ready", status: ready }] },
    });
    const nodes = [
      node("a", "True", "10.244.1.0", "awake"),
      node("b", "True", "10.244.2.0", "awake"),
      node("c", "Unknown", "10.244.3.0", "asleep"),
    ];
    const { stdout } = python(
      `import json, collect, check_network\nc = collect.Looker({"encapsulation": "IPIPCrossSubnet"})\nc.nodes = json.loads('${JSON.stringify(nodes)}')\n` +
        "print(json.dumps(check_network._reach_pods(c)))",
      programs.folder,
    );
    assert.deepEqual(JSON.parse(stdout), { a: null, b: "ping: 100% packet loss" });
  });

  it("reaches machines by the encapsulation's own address, and by a pod's where there is no tunnel", () => {
    programs.add("ping", 'echo "$*" >&2; exit 1');
    const pods = [
      ["on-host", "a", "192.168.8.1", true],
      ["coredns", "a", "10.244.1.7", false],
      ["other", "a", "10.244.1.8", false],
    ].map(([name, nodeName, podIP, hostNetwork]) => ({
      metadata: { name },
      spec: { nodeName, hostNetwork },
      status: { podIP, conditions: [{ type: "Ready", status: "True" }] },
    }));
    programs.add("kubectl", `cat ${path.join(programs.folder, "pods.json")}`);
    fs.writeFileSync(path.join(programs.folder, "pods.json"), JSON.stringify({ items: pods }));
    const nodes = ["a", "without-pods"].map((name) => ({
      metadata: {
        name,
        annotations: { "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.9.0" },
      },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    }));
    const asked = (encapsulation: string): unknown =>
      JSON.parse(
        python(
          `import json, collect, check_network\nc = collect.Looker({"encapsulation": "${encapsulation}"})\n` +
            `c.nodes = json.loads('${JSON.stringify(nodes)}')\nprint(json.dumps(check_network._reach_pods(c)))`,
          programs.folder,
        ).stdout,
      );
    const silent = (address: string) => `ping: -n -c 2 -i 0.5 -W 2 ${address}`;
    assert.deepEqual(asked("VXLAN"), {
      a: silent("10.244.9.0"),
      "without-pods": silent("10.244.9.0"),
    });
    assert.deepEqual(asked("None"), { a: silent("10.244.1.7") });
    assert.deepEqual(asked("IPIP"), {
      a: "it has no tunnel address",
      "without-pods": "it has no tunnel address",
    });
  });

  it("recognises a key by the file's content, not its name, and continues after a broken one", () => {
    const at = (name: string) => path.join(programs.folder, name);
    const made = spawnSync(
      "openssl",
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -days 30 -keyout ${at("member-monkey-key.pem")} -out ${at("member-monkey.pem")}`.split(
        " ",
      ),
    );
    assert.equal(made.status, 0);
    const both = ["member-monkey.pem", "member-monkey-key.pem"].map((f) => fs.readFileSync(at(f)));
    fs.writeFileSync(at("both.pem"), Buffer.concat(both));
    fs.writeFileSync(at("keyring.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
    const { stdout } = python(
      `import json, check_certificates as checks\nchecks.CERTIFICATES = ["${programs.folder}/*.pem"]\nchecks.KUBECONFIGS = ["/nonexistent"]\n` +
        "print(json.dumps(checks._read_ends(None)))",
    );
    const found = z.record(z.string(), z.record(z.string(), z.unknown())).parse(JSON.parse(stdout));
    assert.deepEqual(
      Object.entries(found).map(([file, end]) => [path.basename(file), Object.keys(end).join()]),
      [
        ["both.pem", "ok"],
        ["keyring.pem", "error"],
        ["member-monkey.pem", "ok"],
      ],
    );
  });

  it("reads the end of real certificates", () => {
    const pem = path.join(programs.folder, "c.pem");
    const made = spawnSync(
      "openssl",
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -days 30 -keyout ${pem}.key -out ${pem}`.split(
        " ",
      ),
    );
    assert.equal(made.status, 0);
    const { stdout } = python(
      `import collect, check_certificates; print(check_certificates.parse_end(collect.run(["openssl", "x509", "-noout", "-enddate", "-in", "${pem}"])))`,
    );
    const days = (Number(stdout) - Date.now() / 1000) / 86_400;
    assert.ok(days > 29.9 && days <= 30, `${days} days`);
  });

  it("finds the certificate inside a kubeconfig", () => {
    const data = Buffer.from("-----BEGIN CERTIFICATE-----\n").toString("base64");
    const { stdout } = python(
      `import check_certificates; print(check_certificates.client_certificates("    client-certificate-data: ${data}\\n    client-key-data: x"))`,
    );
    assert.equal(stdout, "['-----BEGIN CERTIFICATE-----\\n']\n");
  });

  it("reads how full each file system is that can be written to", () => {
    const series = (name: string, folder: string, value: string): string =>
      `node_filesystem_${name}{device="/dev/sda1",device_error="",fstype="xfs",mountpoint="${folder}"} ${value}`;
    const text = [
      "# TYPE node_filesystem_avail_bytes gauge",
      series("avail_bytes", "/", "2.5e+10"),
      series("avail_bytes", "/srv/media", "1e+09"),
      series("avail_bytes", "/snap", "0"),
      series("readonly", "/", "0"),
      series("readonly", "/snap", "1"),
      series("size_bytes", "/", "1e+11"),
      series("size_bytes", "/srv/media", "1e+11"),
      series("size_bytes", "/snap", "5e+07"),
    ].join("\n");
    const code = `import json, collect, check_storage; print(json.dumps([check_storage.parse_file_systems(${JSON.stringify(text)}), collect.attempt(check_storage.parse_file_systems, "up 1")]))`;
    assert.deepEqual(JSON.parse(python(code).stdout), [
      { "/": 0.75, "/srv/media": 0.99 },
      { error: "node-exporter tells nothing of the file systems" },
    ]);
  });

  it("tells how far it is, source by source", () => {
    programs.add("kubectl", "echo '{\"items\": []}'");
    const code =
      "import collect; told = []\n" +
      "collect.Collector({}, lambda *t: told.append(t)).collect({'pods', 'nodes'}, {}); print(told)";
    assert.equal(python(code, programs.folder).stdout, "[(1, 2), (2, 2)]\n");
  });
});
