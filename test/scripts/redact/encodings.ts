import fc from "fast-check";
import { stringify } from "yaml";

const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");
const entities = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
const escapes = (text: string, render: (code: string) => string): string =>
  Array.from({ length: text.length }, (_, i) =>
    render(text.charCodeAt(i).toString(16).padStart(4, "0")),
  ).join("");
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const goJson = (text: string): string =>
  json(text).replace(/[<>&]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
const wrap = (text: string, width: number, end: string): string =>
  text.replace(new RegExp(`(.{${width}})(?=.)`, "gs"), `$1${end}`);
const lower = (text: string): string => text.replace(/%../g, (code) => code.toLowerCase());

/** How a secret is written somewhere: what tools really make of it. */
export const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (text) => text,
  base64: (text) => utf8(text).toString("base64"),
  base64url: (text) => utf8(text).toString("base64url"),
  "base64 behind a name": (text) => utf8(`user:${text}`).toString("base64"),
  "base64 behind a longer name": (text) => utf8(`admin:${text}`).toString("base64"),
  "base64 among others": (text) => utf8(`{"a":"${text}","b":1}`).toString("base64"),
  "base64url among others": (text) => utf8(`x=${text}&y`).toString("base64url"),
  "base64 in lines of 8": (text) => wrap(utf8(`ab${text}c`).toString("base64"), 8, "\n"),
  "base64 in indented lines": (text) => wrap(utf8(text).toString("base64"), 9, "\r\n    "),
  "base64 in lines, in JSON": (text) => json(wrap(utf8(text).toString("base64"), 10, "\n")),
  "base64 in JSON of PHP": (text) => utf8(text).toString("base64").replaceAll("/", "\\/"),
  "base64 in a URL": (text) => encodeURIComponent(utf8(text).toString("base64")),
  hex: (text) => utf8(text).toString("hex"),
  "upper-case hex": (text) => utf8(text).toString("hex").toUpperCase(),
  "a URL": encodeURIComponent,
  "a URL in lower case": (text) => lower(encodeURIComponent(text)),
  "a form": (text) => new URLSearchParams({ a: text }).toString().slice(2),
  "a form in lower case": (text) => lower(new URLSearchParams({ a: text }).toString().slice(2)),
  "every byte in per cent": (text) => utf8(text).toString("hex").replace(/../g, "%$&"),
  JSON: json,
  "JSON of Go": goJson,
  "JSON of PHP": (text) => json(text).replaceAll("/", "\\/"),
  "JSON in JSON": (text) => json(json(text)),
  "JSON in a URL": (text) => encodeURIComponent(json(text)),
  "a URL in JSON": (text) => json(encodeURIComponent(text)),
  "every character by its code": (text) => escapes(text, (code) => `\\u${code}`),
  HTML: entities,
  "HTML by numbers": (text) => escapes(text, (code) => `&#${parseInt(code, 16)};`),
  "HTML by hexadecimal numbers": (text) => escapes(text, (code) => `&#x${code};`),
  "HTML in JSON": (text) => json(entities(text)),
  "a shell's single quotes": (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  "a shell's double quotes": (text) => `"${text.replace(/[\\"$`]/g, "\\$&")}"`,
  "a shell's backslashes": (text) => text.replace(/[^\w.,:/@%+-]/g, "\\$&"),
  YAML: (text) => stringify({ a: text }),
  "YAML in single quotes": (text) => `'${text.replaceAll("'", "''")}'`,
  "YAML in double quotes": (text) => stringify({ a: text }, { defaultStringType: "QUOTE_DOUBLE" }),
  "YAML in folded lines": (text) =>
    stringify(
      { a: text },
      { defaultStringType: "QUOTE_DOUBLE", lineWidth: 20, minContentWidth: 0 },
    ),
  CSV: (text) => `"${text.replaceAll('"', '""')}"`,
  "a terminal of 7 columns": (text) => wrap(text, 7, "\n"),
};

/** Passwords as people and generators make them. */
export const secrets = fc
  .oneof(
    { weight: 4, arbitrary: fc.string({ minLength: 10, maxLength: 60, unit: "grapheme-ascii" }) },
    { weight: 1, arbitrary: fc.base64String({ minLength: 12, maxLength: 60 }) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{4,8}( [a-z]{4,8}){2,6}$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9äöüß€&<>"'/+%?= -]{12,40}$/) },
  )
  .filter((text) => text.trim() === text && text.length >= 10 && !/ {2}/.test(text));
