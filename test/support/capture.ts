export interface Captured<Value> {
  readonly value: Value;
  readonly stdout: string;
  readonly stderr: string;
}

/** In milliseconds; less than any test's own limit, as mocha could say nothing while its streams are kept from it. */
const LIMIT = 20_000;

/**
 * What is written in this process while the work is done, as if nobody were at a terminal. What a program writes that
 * the work has given this process' own streams to is not among it. Throws where the work takes longer than 20 s.
 */
export async function capture<Value>(work: () => Promise<Value>): Promise<Captured<Value>> {
  const undo = [process.stdin, process.stdout, process.stderr].map(asNoTerminal);
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    undo.push(keepWritten(process[name], (text) => (written[name] += text)));
  try {
    return { value: await withinLimit(work, written), ...written };
  } finally {
    for (const one of undo) one();
  }
}

async function withinLimit<Value>(work: () => Promise<Value>, written: object): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done after ${LIMIT / 1000} s: ${JSON.stringify(written)}`));
    }, LIMIT);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function keepWritten(stream: NodeJS.WriteStream, keep: (text: string) => void): () => void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array) => {
    keep(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    return true;
  };
  return () => {
    stream.write = write;
  };
}

function asNoTerminal(stream: NodeJS.ReadStream | NodeJS.WriteStream): () => void {
  const { isTTY } = stream;
  stream.isTTY = false;
  return () => {
    stream.isTTY = isTTY;
  };
}
