/** Text of a machine without what could steer a terminal. ssh ends its own lines with a carriage return: it goes. */
export function printable(text: string): string {
  return text.replace(/\r+(?=\n|$)/g, "").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
