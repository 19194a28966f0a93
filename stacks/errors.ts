import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { describeAccepted, describeLonger } from "./examples";
import { renderFound, type Problem } from "../components/shared/problem";

export function renderPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) =>
      typeof key === "number" ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`,
    )
    .join("");
}

/** The known key that a misspelt one was most likely meant to be, and how to say so. */
export function renderUnknownKey(key: string, known: readonly string[]): string {
  const list = [...known].sort().join(", ");
  return known.length === 0 ? "no key here" : `one of ${list}${renderMeant(key, known)}`;
}

/** "; did you mean X?" of the nearest name, where it is near at all. */
export function renderMeant(name: string, known: readonly string[]): string {
  const nearest = closest(name, known);
  return distance(name, nearest) <= Math.max(2, name.length / 2)
    ? `; did you mean ${nearest}?`
    : "";
}

/** What is accepted, for those of zod's own checks that carry no message of ours. */
export const acceptedBy: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return describeAccepted(issue.inst, issue.expected);
    case "invalid_value":
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${issue.values.join(", ")}`;
    case "too_small":
      if (issue.origin === "array") return describeLonger(issue.inst, issue.minimum);
      if (issue.origin === "string") return `a text of ${issue.minimum} characters or more`;
      return `${issue.minimum} or more`;
    case "too_big":
      if (issue.origin === "string") return `${issue.maximum} characters at most`;
      return issue.origin === "array"
        ? `${issue.maximum} items at most`
        : `${issue.maximum} at most`;
    case "invalid_union":
      return Array.isArray(issue.options) ? `one of ${issue.options.join(", ")}` : undefined;
    case "unrecognized_keys":
      return issue.keys.map((key) => renderUnknownKey(key, keysOf(issue.inst))).join("\n");
    default:
      return undefined;
  }
};

function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) ? Reflect.get(value, key) : undefined),
    input,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** zod's issues as problems: an unknown key at its own path, everything else where zod saw it. */
export function listProblems(error: z.ZodError, input: unknown): Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, input));
}

function problemsOf(issue: z.core.$ZodIssue, input: unknown): Problem[] {
  const { path } = issue;
  const value = valueAt(input, path);
  if (issue.code === "unrecognized_keys") {
    const accepted = issue.message.split("\n");
    return issue.keys.map((key, i) => unknownKey([...path, key], accepted[i] ?? ""));
  }
  if (issue.code === "invalid_key") {
    const accepted = issue.issues[0]?.message ?? "";
    return [{ path: renderPath(path), found: renderFound(path.at(-1)), accepted }];
  }
  const meant = issue.code === "invalid_union" ? meantIssues(issue, value) : [];
  if (meant.length > 0)
    return meant.flatMap((each) => problemsOf({ ...each, path: [...path, ...each.path] }, input));
  return [{ path: renderPath(path), found: renderFound(value), accepted: issue.message }];
}

function unknownKey(path: readonly PropertyKey[], accepted: string): Problem {
  return { path: renderPath(path), found: "an unknown key", accepted };
}

/**
 * Of a value that may be one of several maps: what is wrong with the one whose keys stand there, or else the one key
 * that none of them has. Nothing where it is no map, or as much of one as of another.
 */
function meantIssues(union: z.core.$ZodIssueInvalidUnion, value: unknown): z.core.$ZodIssue[] {
  const missing = union.errors.map((issues) => issues.flatMap((each) => missingKey(each, value)));
  const fitting = union.errors.filter((_, option) => missing[option]?.length === 0);
  const [only, ...more] = fitting;
  if (only !== undefined) return more.length === 0 ? only : [];
  const known = missing.flat();
  // A union that a key's value selects has said already which values it accepts.
  if (known.length === 0) return [];
  const unknown = Object.keys(isObject(value) ? value : {}).filter((key) => !known.includes(key));
  const [key, ...others] = unknown;
  // Several unknown keys are no typing error: the list of accepted keys helps more than similar names.
  if (key === undefined || others.length > 0) return [];
  const message = renderUnknownKey(key, known);
  return [{ code: "unrecognized_keys", keys: [key], path: [], message }];
}

function missingKey({ code, path }: z.core.$ZodIssue, value: unknown): string[] {
  const isMissing =
    code === "invalid_type" && path.length === 1 && valueAt(value, path) === undefined;
  return isMissing ? path.map(String) : [];
}

/** All mistakes as one text: where, what was found, what is accepted. */
export function renderProblems(stack: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  const lines = problems.map(
    (p) => `  vmstation:${p.path}\n    found    ${p.found}\n    accepted ${p.accepted}`,
  );
  return `${count} in the configuration of stack ${stack}; nothing was touched.\n${lines.join("\n")}`;
}
