import path from "node:path";
import { release } from "./release";
import { Repository } from "./repository";

const ROOT = path.join(__dirname, "../..");

/** `npm run release -- VERSION [--apply]` */
async function main([version = "", ...options]: readonly string[]): Promise<number> {
  if (version === "" || options.some((option) => option !== "--apply")) {
    process.stderr.write("Usage: npm run release -- VERSION [--apply]\n");
    return 2;
  }
  const { execa } = await import("execa");
  return release({
    ...{ repository: new Repository(ROOT), version, apply: options.includes("--apply") },
    date: new Date().toISOString().slice(0, 10),
    say: (text) => process.stdout.write(text),
    check: async (script) => {
      const ran = await execa("npm", ["run", "-s", script], {
        cwd: ROOT,
        all: true,
        reject: false,
      });
      return ran.failed ? ran.all.trimEnd() : undefined;
    },
  });
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
