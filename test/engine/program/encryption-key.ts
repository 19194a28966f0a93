/** The key of a kubeadm cluster's Secrets and one who reads it. With a file `former` beside it, as an earlier version had it. */
import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import * as random from "@pulumi/random";
import { version } from "../../../stacks/version";
import { createEncryptionKey } from "../../../components/bootstrap/kubeadm/encryption-key";

const cluster = new pulumi.ComponentResource("vmstation:bootstrap:Kubeadm", "bootstrap", {});

function createFormerKey(): pulumi.Output<string> {
  const options = { parent: cluster, protect: true };
  return new random.RandomBytes("bootstrap-encryption", { length: 32 }, options).base64;
}

const isFormer = existsSync("former");
const stdin = isFormer ? createFormerKey() : createEncryptionKey("bootstrap", cluster);
// Its output is what it was given when it last ran.
const init = new local.Command(
  "bootstrap-init",
  { create: "cat", update: "cat", stdin },
  { parent: cluster, additionalSecretOutputs: ["stdout"] },
);

module.exports = { key: pulumi.secret(init.stdout), version: isFormer ? "0.3.0" : version };
