import { z } from "zod";
import type { OperationsLab } from "../operations/lab";

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

export const SECRETS = {
  items: [
    { kind: "Secret", metadata: { name: "grafana" }, data: { pass: base64("gr4fana-admin") } },
  ],
};

export const VALIDATION = JSON.stringify({
  status: "fail",
  counts: { pass: 1, fail: 1, error: 0 },
  checks: [
    {
      ...{ group: "pods", name: "crash loops", status: "fail", found: "default/web" },
      ...{ expected: "none", advice: "kubectl logs --previous POD" },
    },
  ],
});

const PODS = `default web 0/1 CrashLoopBackOff 7 1h
default well 1/1 Running 0 1h
default done 0/1 Completed 0 1h`;

export const report = z.object({
  findings: z.array(z.string()),
  machines: z.array(
    z.object({
      machine: z.string(),
      status: z.string(),
      error: z.string().nullable(),
      sections: z.array(z.object({ name: z.string(), code: z.number(), text: z.string() })),
    }),
  ),
});

/** The real collector, run here, with a machine's programs that the cluster and systemd stand in for. */
export function layOut(lab: OperationsLab): void {
  const program = (name: string, text: string): void => {
    lab.write(`bin/${name}`, `#!/bin/sh\n${text}\n`, 0o755);
  };
  program(
    "kubectl",
    `case "$*" in
      *'get secrets'*json) echo '${JSON.stringify(SECRETS)}'; echo 'Warning: old' >&2 ;;
      *'get pods'*--no-headers) echo '${PODS}' ;;
      *logs*--previous*) echo 'panic: cannot log in with gr4fana-admin' ;;
      *'get events'*) printf 'event with \\033[31mcolour and token: abc123def\\n' ;;
      *customresourcedefinitions*)
        echo customresourcedefinition.apiextensions.k8s.io/challenges.acme.cert-manager.io ;;
      *'top nodes'*) echo 'Metrics API not available' >&2; exit 1 ;;
      *) echo "kubectl $*" ;;
    esac`,
  );
  program(
    "journalctl",
    `echo 'password=hunter2 in a journal'; echo 'backup with r3stic-passphrase'`,
  );
  program(
    "systemctl",
    `case "$*" in *--failed*) echo '● smartd.service loaded failed failed Disks' ;; cat*) exit 1 ;; esac`,
  );
  lab.write("maple/etc/vmstation/backup/password", "r3stic-passphrase\n", 0o600);
  lab.write("maple/etc/vmstation/readable", "a-line-that-stays\n");
  lab.write("maple/validate", `#!/bin/sh\necho '${VALIDATION}'\n`, 0o755);
  const moved = [
    "s|/run/vmstation|$MACHINE_ROOT/vmstation|g",
    "s|/etc/vmstation|$MACHINE_ROOT/etc/vmstation|g",
    "s|/usr/local/sbin/vmstation-validate|$MACHINE_ROOT/validate|g",
  ].map((each) => `-e "${each}"`);
  lab.answer("maple", `sed ${moved.join(" ")} | PATH="$BOX/bin:$PATH" exec sh -us`);
}
