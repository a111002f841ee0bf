// Indicators made harmless to read, to paste and to tap by mistake. What is
// stored is the value as it was parsed; only a person who asks for it gets
// that.
import type { Indicator, IndicatorKind } from "../protocol/intel";

/** The value with its dots and schemes broken, as the server exports it: no program takes it for an address. */
export function defang(kind: IndicatorKind, value: string): string {
  switch (kind) {
    case "ipv4":
    case "domain":
      return dots(value);
    case "ipv6":
      return dots(value.replaceAll(":", "[:]"));
    case "email":
      return dots(value.replaceAll("@", "[@]"));
    case "url":
    case "other":
      return dots(value.replaceAll(/(?<![a-z0-9])(h)tt(ps?:\/\/)/gi, "$1xx$2"));
    default:
      return value; // a hash, a name or a number leads nowhere
  }
}

const dots = (s: string): string => s.replaceAll(".", "[.]");

const leading: ReadonlySet<IndicatorKind> = new Set(["ipv4", "ipv6", "domain", "url", "email"]);

/** Whether a value of this kind is an address that somebody could follow. */
export const leadsSomewhere = (kind: IndicatorKind): boolean => leading.has(kind);

const escape = (s: string): string => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const longest = 500; // of an item's indicators, as many as are looked for in its text

/** A text with the item's own addresses in it defanged. */
export function defangIn(text: string, indicators: readonly Indicator[]): string {
  const found = indicators.filter((i) => leads(i) && text.toLowerCase().includes(i.value.toLowerCase())).slice(0, longest);
  if (found.length === 0) return text;
  const of = new Map(found.map((i) => [i.value.toLowerCase(), i.kind]));
  const any = [...of.keys()].toSorted((a, b) => b.length - a.length).map(escape).join("|");
  return text.replace(new RegExp(any, "gi"), (hit) => defang(of.get(hit.toLowerCase()) ?? "other", hit));
}

const leads = (i: Indicator): boolean => leadsSomewhere(i.kind) && i.value !== "";
