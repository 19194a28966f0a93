export interface Captured<Value> {
  readonly value: Value;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What is written in this process while the work is done, as if nobody were at a terminal. What a program writes that
 * the work has given this process' own streams to is not among it.
 */
export async function capture<Value>(work: () => Promise<Value>): Promise<Captured<Value>> {
  const undo = [process.stdin, process.stdout, process.stderr].map(asNoTerminal);
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    undo.push(keepWritten(process[name], (text) => (written[name] += text)));
  try {
    return { value: await work(), ...written };
  } finally {
    for (const one of undo) one();
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
