import assert from "node:assert/strict";
import { explainMissing, type Missing } from "../../../components/apps/configured/ask-repository";
import type { Ended } from "../../../components/apps/configured/run-program";

const HTTPS = "https://charts.example.org";
const OCI = "oci://registry.example.org/charts";
const DIGEST = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;

describe("a chart that its repository does not give", () => {
  const ended = (stdout: string, status = 0): Ended => {
    const [out, err] = status === 0 ? [stdout, ""] : ["", stdout];
    return { kind: "ended", status, stdout: out, stderr: err };
  };
  const listed = (...all: readonly string[]): Ended =>
    ended(
      JSON.stringify(
        all.map((each) => {
          const [name = "", version = ""] = each.split(" ");
          return { name: `asked/${name}`, version, app_version: "", description: "x" };
        }),
      ),
    );

  function explain(
    own: { repository?: string; version?: string; name?: string; digest?: string },
    stderr: string,
    answers: Readonly<Record<string, Ended>> = {},
  ): string {
    const { repository = HTTPS, name = "whoami", version = "1.2.0", digest } = own;
    const ref = `${OCI}/${name}${digest === undefined ? "" : `@${digest}`}`;
    const missing: Missing = {
      chart: { name, version, repository, digest },
      ...(repository === OCI ? { ref, repository: undefined } : { ref: name, repository }),
      stderr,
    };
    const said = explainMissing(missing, ([verb = ""]) => answers[verb] ?? ended("Error: no", 1));
    if (said.kind === "unseen") return `unseen: ${said.reason}`;
    const { key, found, accepted } = said.refusal;
    return `${key}: ${found}; ${accepted}`;
  }

  const repo = { repo: ended("") };
  const NOT_FOUND = `Error: chart "x" not found in ${HTTPS} repository\n`;
  const NO_TAG = 'Error: failed to perform "FetchReference" on source: r/whoami:1.2.0: not found';
  const NO_NAME =
    'Error: GET "https://r/v2/whoami/tags/list": response status code 404: name unknown: repository name not known to registry';

  const NO_LOGIN =
    'Error: GET "https://r/v2/whoami/manifests/1.2.0": response status code 401: unauthorized: authentication required';
  const unseen =
    `name: whoami, which ${OCI} does not show to this computer; the name of a chart in that registry; or, where only ` +
    "those who are logged in see it, this before: helm registry login registry.example.org";
  const withdrawn = (version: string): string =>
    `; or, if it was withdrawn, a copy of .vmstation/charts/whoami-${version}-… of a computer that fetched it`;

  for (const [what, own, stderr, answers, expected] of [
    [
      "has another name",
      { name: "whoamy" },
      NOT_FOUND,
      { ...repo, search: listed("whoami 1.2.0", "whoami 1.1.0", "mail 3.0.0") },
      `name: whoamy, which is no chart of ${HTTPS}; one of whoami, mail; did you mean whoami?`,
    ],
    [
      "is not there in that version",
      { version: "1.3.0" },
      NOT_FOUND,
      { ...repo, search: listed("whoami 1.2.0", "whoami 2.0.0", "mail 1.3.0") },
      "version: 1.3.0, which is no version of whoami in its repository; one of 1.2.0, 2.0.0; did you mean 1.2.0?" +
        withdrawn("1.3.0"),
    ],
    [
      "is one of many",
      { version: "1.0.9" },
      NOT_FOUND,
      { ...repo, search: listed(...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `whoami 1.0.${i}`)) },
      "version: 1.0.9, which is no version of whoami in its repository; one of 1.0.0, 1.0.1, 1.0.2, 1.0.3, 1.0.4, 1.0.5 (and 2 more); did you mean 1.0.0?" +
        withdrawn("1.0.9"),
    ],
    [
      "is not in a place without an index",
      {},
      `Error: looks like "${HTTPS}" is not a valid chart repository or cannot be reached: failed to fetch ${HTTPS}/index.yaml : 404 Not Found`,
      {},
      `repository: ${HTTPS}, which has no index.yaml and so is no repository of charts; the address that its publisher gives for \`helm repo add\`, or one that begins with oci://`,
    ],
    [
      "is in the index, but its archive is gone",
      {},
      `WARNING: x\nError: failed to fetch ${HTTPS}/whoami-1.2.0.tgz : 404 Not Found`,
      { ...repo, search: listed("whoami 1.2.0") },
      `unseen: failed to fetch ${HTTPS}/whoami-1.2.0.tgz : 404 Not Found`,
    ],
    [
      "cannot be reached",
      {},
      `Error: looks like "${HTTPS}" is not a valid chart repository or cannot be reached: Get "${HTTPS}/index.yaml": dial tcp: lookup charts.example.org: no such host`,
      {},
      `unseen: looks like "${HTTPS}" is not a valid chart repository or cannot be reached: Get "${HTTPS}/index.yaml": dial tcp: lookup charts.example.org: no such host`,
    ],
    [
      "is not in a registry in that version",
      { repository: OCI },
      NO_TAG,
      { show: ended("apiVersion: v2\nname: whoami\nversion: 1.4.0\n") },
      "version: 1.2.0, which is no version of whoami in its repository; one that is there; the newest is 1.4.0" +
        withdrawn("1.2.0"),
    ],
    [
      "is not in a registry at all",
      { repository: OCI },
      NO_TAG,
      { show: ended(NO_NAME, 1) },
      unseen,
    ],
    [
      "is in a registry that shows it to some people alone",
      { repository: OCI },
      NO_TAG,
      { show: ended(NO_LOGIN, 1) },
      unseen,
    ],
    [
      "is in a registry that refuses everybody without a login",
      { repository: OCI },
      NO_LOGIN,
      {},
      unseen,
    ],
    [
      "is in a repository that wants a login",
      {},
      `Error: looks like "${HTTPS}" is not a valid chart repository or cannot be reached: failed to fetch ${HTTPS}/index.yaml : 401 Unauthorized`,
      {},
      `repository: ${HTTPS}, which wants a login, and there is no key for one; one that anybody may read, a registry (oci://) that Helm is logged in to, or the chart as a folder of the project: \`helm pull NAME --repo URL --version VERSION --username … --password … --untar --untardir charts\`, and repository: ./charts`,
    ],
    [
      "has another digest",
      { repository: OCI, digest: DIGEST },
      `Error: chart reference digest mismatch: ${OTHER} is not ${DIGEST}`,
      {},
      `digest: ${DIGEST}, which is not that of whoami 1.2.0; ${OTHER}, if it is to be what the registry has`,
    ],
    [
      "is in a registry that nobody vouches for",
      { repository: OCI },
      "Error: tls: failed to verify certificate: x509: certificate signed by unknown authority",
      {},
      "unseen: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ],
  ] as const) {
    it(what, () => {
      assert.equal(explain(own, stderr, answers), expected);
    });
  }
});
