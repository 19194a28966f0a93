import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { TLSSocket } from "node:tls";

export interface AskOptions {
  /** The address to ask, whatever the name's is. */
  readonly at?: string;
  /** The address to ask from. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The path as it is sent, where it is not one that a browser would send. */
  readonly path?: string;
  /** Certificates to trust, in PEM; without them whichever is shown is taken. */
  readonly ca?: string;
  /** Milliseconds after which the question fails. */
  readonly patience?: number;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The names of the certificate that was shown. */
  readonly names: string;
  /** Its serial number. */
  readonly serial: string;
}

/** One request as a browser's or Prometheus', on a connection of its own. */
export function ask(url: string, options: AskOptions = {}): Promise<WebAnswer> {
  const { hostname, protocol, port, pathname, search } = new URL(url);
  const { at, from, ca, headers = {} } = options;
  const isTls = protocol === "https:";
  const request = (isTls ? https : http).request({
    host: at ?? hostname,
    port: port === "" ? (isTls ? 443 : 80) : port,
    path: options.path ?? pathname + search,
    headers: { host: port === "" ? hostname : `${hostname}:${port}`, ...headers },
    agent: false,
    ...(options.patience === undefined ? {} : { signal: AbortSignal.timeout(options.patience) }),
    ...(isTls
      ? {
          servername: isIP(hostname) === 0 ? hostname : "",
          rejectUnauthorized: ca !== undefined,
          ca,
        }
      : {}),
    ...(from === undefined ? {} : { localAddress: from }),
  });
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      const { socket } = response;
      const shown = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => {
        const { statusCode = 0, headers } = response;
        const [names = "", serial = ""] = [shown?.subjectaltname, shown?.serialNumber];
        resolve({ status: statusCode, headers, text, names, serial });
      });
    });
    request.end();
  });
}
