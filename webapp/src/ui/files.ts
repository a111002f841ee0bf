// How files are spoken of.
import type { Scan } from "../protocol/rest";

/** A size as people say it: 100,000,000 is 100 MB. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  const [n, unit] = bytes < 999_500 ? [bytes / 1_000, "KB"] : [bytes / 1_000_000, "MB"];
  return `${n < 9.95 ? n.toFixed(1).replace(/\.0$/, "") : Math.round(n)} ${unit}`;
}

/** A file on its way to a room, as it is shown. */
export type FileOnItsWay = {
  readonly local: number;
  readonly name: string;
  readonly size: number;
  /** Bytes that are there. */
  readonly sent: number;
  /** stalled: waits for the line. lost: this page has no hold of the file; it must be picked again. */
  readonly state: "waiting" | "sending" | "stalled" | "lost" | "whole" | "failed";
  readonly problem: string;
  readonly scan: Scan;
};

/** What may be done with the files on their way; what is not done is said in a sentence, "" for nothing. */
export type FilesActs = {
  readonly add: (files: readonly File[]) => string;
  readonly pick: (local: number, file: File) => string;
  readonly remove: (local: number) => void;
};

/** Why what they go with cannot be sent yet; "" if it can. */
export function filesTell(files: readonly FileOnItsWay[], what: string): string {
  const late = files.find((f) => f.state !== "whole");
  if (late) return late.state === "failed" ? `${late.name} could not be sent. Remove it, then send the ${what}.` : `${late.name} is not all there yet. Wait until it is, or remove it.`;
  return files.some((f) => f.scan === "found") ? "The scanner found something harmful in a file, so nobody could download it. Remove it." : "";
}

export const scanWords: Readonly<Record<Scan, string>> = {
  none: "Not scanned",
  pending: "Being scanned",
  clean: "Scanned, nothing found",
  found: "Harmful: the scanner found something in it",
};
