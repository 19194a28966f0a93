/** A status of the JSON documents as people read it: "not-as-described" is "not as described". */
export function statusWords(status: string): string {
  return status === "could-not-look" ? "could not be checked" : status.replaceAll("-", " ");
}
