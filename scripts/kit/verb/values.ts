import { extname } from "node:path";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDuration } from "../../../components/shared/units";

/** Adds a value to the list of an option that may be given several times. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1, such as 500.");
}

/** Seconds in a duration such as 5m. */
export function parseSeconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError("It must be a duration, such as 90s, 5m or 3h.");
}

/** Text that is not empty. */
export function parseText(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("It must not be empty.");
}

const DRAWINGS = [".svg", ".png", ".dot", ".mmd"];

/** A file in a format that the graph can be drawn in. */
export function parseGraphFile(file: string): string {
  if (DRAWINGS.includes(extname(file))) return file;
  throw new InvalidArgumentError(`Its name must end in ${DRAWINGS.join(", ")}.`);
}

/** A stack's name; a qualified one, `organization/project/name`, is taken by its last part. */
export function parseStack(text: string): string {
  const name = text.slice(text.lastIndexOf("/") + 1);
  if (name !== "") return name;
  throw new InvalidArgumentError("It must be a stack's name, such as home.");
}

/** A TCP port; 0 lets the system choose one. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError("It must be a port, from 0 to 65535.");
}

/** The address of a mirror that `mirror serve` serves. */
export function parseMirror(text: string): string {
  const url = text.replace(/\/$/, "");
  if (/^https?:\/\/[^\s/]+$/.test(url)) return url;
  throw new InvalidArgumentError("It must be a URL such as http://192.168.1.5:8080.");
}
