// What a loggist writes, on its way into the log.
import { count, isRecord, text } from "../protocol/guard";
import type { LineDraft } from "../protocol/rest";
import type { Seq } from "../protocol/types";

export type Letter =
  | { readonly what: "line"; readonly book: Seq; readonly line: LineDraft }
  /** Another wording of a line that is in the log. */
  | { readonly what: "correction"; readonly book: Seq; readonly seq: Seq; readonly text: string; readonly reason: string; readonly override?: string };

/** Whether something kept on the shelf is one. */
export function isLetter(v: unknown): v is Letter {
  if (!isRecord(v) || !count(v["book"])) return false;
  if (v["what"] === "line") return isRecord(v["line"]) && text(v["line"]["text"]);
  return v["what"] === "correction" && count(v["seq"]) && text(v["text"]) && text(v["reason"]);
}
