import { readScript, type Step } from "../../remote/step";
import { AUTHORITY, KEPT_AUTHORITY, NAMESPACE } from "./names";

const COPY = "/usr/local/lib/vmstation/platform/private_authority.py";

/** Brings a private authority of before back, and keeps it when it goes: see files/private-authority.sh. */
export function authorityStep(): Step {
  return {
    name: "private-authority",
    script: readScript(__dirname, "files/private-authority.sh"),
    libraries: ["files"],
    settings: {
      COPY,
      USED: `${NAMESPACE}/${AUTHORITY}`,
      KEPT: `${KEPT_AUTHORITY.namespace}/${KEPT_AUTHORITY.name}`,
    },
    files: [
      {
        path: COPY,
        content: readScript(__dirname, "files/private_authority.py"),
        mode: "0755",
        validate: "python",
      },
    ],
  };
}
