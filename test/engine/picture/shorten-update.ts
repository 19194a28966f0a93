import type { Line } from "./render-terminal";

/** What `shortenUpdate` leaves out, in words. */
export const LEFT_OUT =
  "lines on what is under way, where providers were found, the output `bootstrap`, each check of the validation, empty lines";

/** A resource's beginning says nothing that its end does not, nor do the dots while nothing happens. */
const PASSING = /creating \(\d+s\)|^@ |^\s*$|warning: using pulumi-resource-\S+ from \$PATH/;

/** An update's output without what a picture has no room for. */
export function shortenUpdate(lines: readonly Line[]): Line[] {
  let within = false;
  return lines.filter(({ text }) => {
    const plain = text.replaceAll(/\u001b\[[\d;]*m/g, "");
    const wasWithin = within;
    if (/^ {4}bootstrap +: |^ {8}checks: \[/.test(plain)) within = true;
    else if (/^ {4}\}|^ {8}\]/.test(plain)) within = false;
    return !within && !wasWithin && !PASSING.test(plain);
  });
}
