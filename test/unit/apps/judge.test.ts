import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { judgeApp, judgeRendered } from "../../../components/apps/configured/judge-app";
import { readObjects } from "../../../components/apps/configured/objects";
import { planConfigured } from "../../../components/apps/configured/plan";
import { configuredSchema } from "../../../components/apps/configured/schema";
import { judgingOf } from "../../../stacks/rendered-apps";
import { CASES, deployment, other, service } from "./judged-objects";
import { appSite, site } from "./settings";

const schema = configuredSchema([]);
const keys = {
  machine: "hazel",
  ports: { http: { port: 80, nodePort: 30_081 } },
  volumes: { data: { path: "/srv/x" } },
};

describe("what files of an app say against its frame", () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-judge-"));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const write = (name: string, objects: readonly object[]): void => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, objects.map((each) => stringify(each)).join("---\n"));
  };
  const appOf = (own: object) => {
    const config = schema.parse({ ...keys, ...own });
    return { plan: planConfigured("x", config, appSite), config, sleeps: true, folder };
  };
  const rendered = (own: object, fetches = true) =>
    judgeRendered(appOf(own), judgingOf(site, fetches));
  const manifests = { kind: "manifests", files: ["x.yaml"] };

  it("is nothing where they say only what runs", () => {
    const own = { volumes: [{ name: "a", hostPath: { path: "/srv/x/a" } }] };
    write("x.yaml", [deployment({ replicas: 1 }, own), service()]);
    assert.deepEqual(judgeApp(appOf(manifests)), []);
  });

  for (const [name, objects, found, accepted] of CASES) {
    it(`is ${name}`, () => {
      write("x.yaml", objects);
      const [problem, ...more] = judgeApp(appOf(manifests));
      assert.deepEqual(more, []);
      assert.equal(problem?.path, "apps.x.files");
      const [, where, text = ""] = /^(x\.yaml line \d+): (.*)$/.exec(problem.found) ?? [];
      assert.ok(where, problem.found);
      assert.match(text, found);
      assert.match(problem.accepted, accepted);
    });
  }

  it("reads YAML as kubectl does: y is true, 010 is 8, and 12:30 a text", () => {
    const text =
      stringify(deployment()) + "data: { a: y, b: 010, c: 12:30, d: 2026-01-01, e: 0x10 }\n";
    const { objects } = readObjects(text, "x.yaml");
    assert.deepEqual(objects[0]?.object.data, {
      a: true,
      b: 8,
      c: "12:30",
      d: "2026-01-01",
      e: 16,
    });
    const named = readObjects("apiVersion: v1\nkind: Secret\nmetadata:\n  name: y\n", "x.yaml");
    assert.match(named.findings[0]?.found ?? "", /without a text in metadata\.name$/);
  });

  it("says the line of what is no YAML", () => {
    fs.writeFileSync(path.join(folder, "x.yaml"), "kind: a\n  b: c\n");
    assert.match(judgeApp(appOf(manifests))[0]?.found ?? "", /^x\.yaml line [12]: /);
  });

  describe("in a Kustomize folder", () => {
    const kustomize = { kind: "kustomize", folder: "k" };
    const kustomization = (more: object) => {
      write("k/x.yaml", [deployment({ replicas: 3 }), service()]);
      write("k/kustomization.yaml", [{ resources: ["x.yaml"], ...more }]);
    };

    it("is found in the files where nothing changes them", () => {
      kustomization({ labels: [] });
      assert.match(judgeApp(appOf(kustomize))[0]?.found ?? "", /^k\/x\.yaml line 1: .*replicas: 3/);
    });

    it("is found in what Kustomize makes where patches change them", () => {
      kustomization({ patches: [] });
      assert.deepEqual(judgeApp(appOf(kustomize)), []);
      const { problems } = withProgram("kubectl", [deployment({ replicas: 4 }), service()], () =>
        rendered(kustomize),
      );
      assert.match(problems[0]?.found ?? "", /^k by kustomize line 1: .*replicas: 4/);
    });

    for (const [resource, found] of [
      ["https://example.org/x.yaml", /which is not in the project$/],
      ["github.com/owner/repo", /which is not in the project$/],
      ["../../x.yaml", /outside of the project$/],
      ["y.yaml", /^k\/y\.yaml: no such file$/],
    ] as const) {
      it(`is the resource ${resource}`, () => {
        kustomization({ resources: [resource] });
        assert.match(judgeApp(appOf(kustomize))[0]?.found ?? "", found);
      });
    }

    it("is a generator of secrets, or a chart inside", () => {
      kustomization({ secretGenerator: [{ name: "a", literals: ["b=c"] }], helmCharts: [] });
      const found = judgeApp(appOf(kustomize)).map((problem) => problem.found);
      assert.ok(found.some((each) => each.endsWith(": a secretGenerator")));
      assert.ok(found.some((each) => each.endsWith(": helmCharts")));
    });
  });

  describe("in a chart of the project", () => {
    const chart = {
      kind: "chart",
      chart: { name: "c", version: "1.0.0", repository: "./charts" },
    };
    before(() => {
      write("charts/c/Chart.yaml", [{ name: "c", version: "1.0.0" }]);
    });

    it("is found in what Helm makes of it", () => {
      const { problems } = withProgram(
        "helm",
        [deployment(), service({ type: "LoadBalancer" }), other("Secret", { data: {} })],
        () => rendered(chart),
      );
      assert.deepEqual(
        problems.map(({ found }) => found),
        ["charts/c by helm template line 7: Service x: type LoadBalancer"].map((text, i) =>
          text.replace(/line \d+/, /line \d+/.exec(problems[i]?.found ?? "")?.[0] ?? ""),
        ),
      );
    });

    it("is what Helm says where it cannot render it, and nothing without Helm", () => {
      const { problems } = withProgram("helm", "Error: values are wrong", () => rendered(chart));
      assert.match(problems[0]?.found ?? "", /: Error: values are wrong$/);
      assert.deepEqual(
        withProgram("nothing", [], () => rendered(chart)),
        { problems: [], warnings: [] },
      );
    });
  });

  /** While one program alone is there, which prints objects, or fails with a text. */
  function withProgram<Value>(
    name: string,
    says: readonly object[] | string,
    work: () => Value,
  ): Value {
    const bin = path.join(folder, `bin-${name}`);
    const text =
      typeof says === "string" ? says : says.map((each) => stringify(each)).join("---\n");
    fs.mkdirSync(bin, { recursive: true });
    fs.writeFileSync(path.join(bin, "text"), text);
    const end = typeof says === "string" ? " >&2; exit 1" : "";
    const script = `#!/bin/sh\nwhile IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"${bin}/text"${end}\n`;
    fs.writeFileSync(path.join(bin, name), script, { mode: 0o755 });
    const before = process.env.PATH;
    process.env.PATH = bin;
    try {
      return work();
    } finally {
      process.env.PATH = before;
    }
  }
});
