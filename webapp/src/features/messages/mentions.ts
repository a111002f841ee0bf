import type { Audience, MemberFacts, MemberNo } from "../../protocol/types";

// Mentions are written as "@Name". What counts is what stands in the text when
// it is sent; only members whose name the writer can see can be mentioned.

/** The mention being typed before the caret: where its @ stands and what follows it. */
export function mentionAt(text: string, caret: number): { at: number; word: string } | null {
  const found = /(^|[\s(])@([\p{L}\p{N}.'’-]*(?: [\p{L}\p{N}.'’-]*){0,2})$/u.exec(text.slice(0, caret));
  if (!found) return null;
  const word = found[2] ?? "";
  return { at: caret - word.length - 1, word };
}

/** Members that match what is being typed: by any word of the name, or by organisation. */
export function candidates(members: readonly MemberFacts[], word: string, me: MemberNo): MemberFacts[] {
  const w = word.toLowerCase();
  const rank = (m: MemberFacts): number => {
    const name = m.name.toLowerCase();
    if (name.startsWith(w)) return 0;
    if (name.split(/\s+/).some((part) => part.startsWith(w))) return 1;
    if (m.orgName.toLowerCase().startsWith(w) && w.length > 1) return 2;
    return 3;
  };
  const open = members.filter((m) => m.state === "joined" && m.name !== "" && m.number !== me);
  if (open.some((m) => m.name.toLowerCase() === w.trim())) return []; // written out: nothing to choose
  return open
    .filter((m) => rank(m) < 3)
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .slice(0, 8);
}

/** The text with the mention being typed replaced by a chosen name, and where the caret goes. */
export function completed(text: string, caret: number, at: number, name: string): { text: string; caret: number } {
  const put = `@${name} `;
  const rest = text.slice(caret).replace(/^ /, "");
  return { text: text.slice(0, at) + put + rest, caret: at + put.length };
}

/** The members a text mentions. */
export function mentionsIn(text: string, members: readonly MemberFacts[]): MemberNo[] {
  const byLength = members.filter((m) => m.name !== "" && m.number > 0).toSorted((a, b) => b.name.length - a.name.length);
  let rest = text;
  const out = new Set<MemberNo>();
  for (const m of byLength) {
    const mark = `@${m.name}`;
    if (!rest.includes(mark)) continue;
    for (const same of byLength) if (same.name === m.name && same.state === "joined") out.add(same.number);
    rest = rest.replaceAll(mark, " ");
  }
  return [...out].toSorted((a, b) => a - b);
}

/** Mentioned members who would not receive an entry with this audience. */
export function leftOut(mentioned: readonly MemberNo[], audience: Audience, members: readonly MemberFacts[]): MemberFacts[] {
  return members.filter((m) => {
    if (!mentioned.includes(m.number)) return false;
    if (audience.kind === "room") return false;
    if (audience.kind === "hosts") return !m.host;
    return !(audience.members ?? []).includes(m.number) && !(m.org !== "" && (audience.orgs ?? []).includes(m.org));
  });
}
