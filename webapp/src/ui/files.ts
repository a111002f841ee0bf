// How files are spoken of.
import type { Scan } from "../protocol/rest";

/** A size as people say it: 100,000,000 is 100 MB. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  const [n, unit] = bytes < 999_500 ? [bytes / 1_000, "KB"] : [bytes / 1_000_000, "MB"];
  return `${n < 9.95 ? n.toFixed(1).replace(/\.0$/, "") : Math.round(n)} ${unit}`;
}

export const scanWords: Readonly<Record<Scan, string>> = {
  none: "Not scanned",
  pending: "Being scanned",
  clean: "Scanned, nothing found",
  found: "Harmful: the scanner found something in it",
};
