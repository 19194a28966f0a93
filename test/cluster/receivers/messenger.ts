import https from "node:https";
import { text } from "node:stream/consumers";
import type { InternetNames } from "../internet-names";

export interface Asked {
  readonly path: string;
  readonly body: string;
}

export interface Answered {
  readonly status: number;
  readonly type: "application/json" | "text/html";
  readonly text: string;
}

/** A service of the internet by which people get messages: its name, and what it answers who sends one. */
export interface Messenger {
  readonly host: string;
  readonly answer: (asked: Asked) => Answered;
}

export function json(status: number, content: object): Answered {
  return { status, type: "application/json", text: JSON.stringify(content) };
}

/** Starts to answer for all of them on loopback, and resolves to how that is ended. */
export async function serveMessengers(
  names: InternetNames,
  messengers: readonly Messenger[],
  got: (asked: Asked) => void,
): Promise<() => void> {
  const server = https.createServer(names.tls, (request, response) => {
    const messenger = messengers.find(({ host }) => host === request.headers.host);
    if (messenger === undefined) return void response.destroy();
    void text(request).then((body) => {
      const asked = { path: request.url ?? "", body };
      got(asked);
      const answer = messenger.answer(asked);
      response.writeHead(answer.status, { "content-type": answer.type }).end(answer.text);
    });
  });
  await new Promise<void>((resolve) => server.listen(443, "127.0.0.1", resolve));
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
