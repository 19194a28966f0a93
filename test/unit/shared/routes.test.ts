import assert from "node:assert/strict";
import { z } from "zod";
import type { HostUse } from "../../../components/shared/hosts";
import { renderRoute } from "../../../components/shared/routes";

const use: HostUse = {
  ...{ path: "apps.notes.host", written: "notes", access: "public", namespace: "notes" },
  ...{ service: "notes", port: 80 },
};

const route = z.object({
  rules: z.tuple([
    z.object({
      http: z.object({
        paths: z.array(
          z.object({
            path: z.string(),
            backend: z.object({ service: z.object({ name: z.string() }) }),
          }),
        ),
      }),
    }),
  ]),
});

/** What each path of a name leads to. */
function leads(of: HostUse): Record<string, string> {
  const [{ http }] = route.parse(
    JSON.parse(JSON.stringify(renderRoute(of, "notes.example.org", "traefik"))),
  ).rules;
  return Object.fromEntries(http.paths.map(({ path, backend }) => [path, backend.service.name]));
}

describe("a route", () => {
  it("leads to the app, and its closed paths to a Service that nothing is behind", () => {
    assert.deepEqual(leads(use), { "/": "notes" });
    assert.deepEqual(leads({ ...use, closed: ["/admin"] }), {
      "/admin": "notes-closed",
      "/": "notes",
    });
  });

  it("keeps its closed paths closed for an app whose machine sleeps", () => {
    const held = { address: "192.168.8.63", port: 30_081 };
    assert.deepEqual(leads({ ...use, held, closed: ["/admin"] }), {
      "/admin": "notes-closed",
      "/": "notes-held",
    });
  });
});
