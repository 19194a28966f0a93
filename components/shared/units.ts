/** Durations and sizes as a person writes them: "2h", "90 minutes", "8Gi", "10 GiB". */

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
};

// Kubernetes' quantity suffixes (binary) and SI's (decimal); a trailing B is allowed.
const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Seconds in `text` ("15m", "1h30m", "2 hours"); undefined where it is no duration above zero. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replace(/\s+/g, "");
  if (!/^(\d+(\.\d+)?[a-z]+)+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    const factor = SECONDS[unit ?? ""] ?? SECONDS[(unit ?? "").replace(/s$/, "")];
    if (factor === undefined) return undefined;
    total += Number(amount) * factor;
  }
  return total > 0 ? Math.round(total) : undefined;
}

/** Bytes in `text` ("25Gi", "4 GB", "500M"); undefined where it is no size above zero. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (!match) return undefined;
  const factor = BYTES[(match[2] ?? "").replace(/B$/, "")];
  if (factor === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * factor);
  return bytes > 0 ? bytes : undefined;
}

/** Cores in a Kubernetes CPU quantity ("500m", "2", "1.5"); undefined if the text is no quantity. */
export function parseCpu(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text.trim());
  if (!match) return undefined;
  const cores = Number(match[1]) / (match[2] === "m" ? 1000 : 1);
  return cores > 0 ? cores : undefined;
}

/** A Kubernetes quantity ("25Gi", "1500Mi") for a number of bytes, in the largest whole binary unit. */
export function renderQuantity(bytes: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"]) {
    const factor = BYTES[unit] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** Seconds as Go and systemd both read them ("2h", "15m", "90s"), in the largest whole unit. */
export function renderDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}
