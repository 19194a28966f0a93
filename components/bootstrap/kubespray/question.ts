import { readScript } from "../../remote/step";
import { renderWanted, type KubesprayArgs } from "./render-wanted";
import { readRunner, RUNNER_FILES } from "./steps";

function renderPut(name: string, content: string): string {
  const base64 = Buffer.from(content, "utf8").toString("base64").replace(/.{76}/g, "$&\n");
  return `put ${name} <<'END'\n${base64}\nEND`;
}

/** The script that asks: the program as it is here, and the state that the configuration wants. */
export function renderQuestion(args: KubesprayArgs): string {
  const modules = RUNNER_FILES.map((name) => renderPut(name, readRunner(name)));
  return [
    readScript(__dirname, "files/ask.sh"),
    ...modules,
    renderPut("inventory/wanted.json", JSON.stringify(renderWanted(args))),
    "ask </dev/null\n",
  ].join("\n");
}
