import type { Audience, Caveat, Facts, Marking, PAP, Seq, TLP } from "../protocol/types";
import { AudiencePicker, audienceProblem, audienceSent, type PickerAudience } from "./AudiencePicker";
import { SelectField } from "./Field";
import { labelHint, labels } from "./label";
import type { Look } from "./Looks";
import { needsPreflight } from "./usePreflight";
import { list } from "./words";

/** touched: chosen here. told: not what the server would give it by itself, and so to be said. usual: only because the room hides guests from one another. pap and caveat: as its source has them. */
export type MarkingDraft = { tlp: TLP; audience: PickerAudience; touched: boolean; told?: boolean; usual?: boolean; pap?: PAP | undefined; caveat?: Caveat | undefined };

/** What a new entry comes from, as that is marked. */
export type Source = Pick<Marking, "tlp" | "audience" | "pap" | "caveat">;

const everyone: PickerAudience = { kind: "room", members: [], orgs: [] };
const picked = (a: Audience): PickerAudience => ({ kind: a.kind === "leads" ? "hosts" : a.kind, members: a.members ?? [], orgs: a.orgs ?? [] });

/** The room's label, to the room; or as something it comes from is marked. told: the server does not know what it comes from. */
export const markingOf = (facts: Facts, from?: Source | null, told = false): MarkingDraft => ({
  tlp: from?.tlp ?? facts.room.tlp,
  audience: from ? picked(from.audience) : everyone,
  touched: false,
  ...(told && from ? { told, pap: from.pap, caveat: from.caveat } : {}),
});

/** The marking, to whom it usually goes, until somebody chooses. */
export const markingFor = (m: MarkingDraft, usual: Audience): MarkingDraft =>
  m.touched || usual.kind === m.audience.kind ? m : { ...m, audience: picked(usual), told: true, usual: true };

export const markingSent = (m: MarkingDraft, me: number): Partial<Source> =>
  m.touched || m.told
    ? { tlp: m.tlp, audience: audienceSent(m.audience, m.tlp === "TLP:RED", me), ...(m.pap ? { pap: m.pap } : {}), ...(m.caveat ? { caveat: m.caveat } : {}) }
    : onlyTo(m, me);

/** Whom it goes to if not to the whole room: said as it was shown, whatever what it comes from has become. */
const onlyTo = (m: MarkingDraft, me: number): Partial<Source> => {
  const audience = audienceSent(m.audience, m.tlp === "TLP:RED", me);
  return needsPreflight(m.tlp, audience) ? { audience } : {};
};

/**
 * Who is looked at before something so marked is sent: nobody, if it goes where
 * such things usually go. like: the entry it comes from, whose readers it gets unless
 * others are chosen.
 */
export const markingLook = (m: MarkingDraft, me: number, like: Seq | null = null): Look | null => {
  const { tlp, audience } = { tlp: m.tlp, audience: audienceSent(m.audience, m.tlp === "TLP:RED", me) };
  if (!needsPreflight(tlp, audience) || (m.usual && !m.touched)) return null;
  return { what: `It will be ${tlp}.`, ask: { tlp, audience, ...(like === null ? {} : { replyTo: like }) } };
};

export const markingProblem = (m: MarkingDraft, me: number): { name: string; message: string } | null => {
  if (!m.touched) return null;
  const message = audienceProblem(m.audience, m.tlp === "TLP:RED", me);
  return message ? { name: "audience", message } : null;
};

const whom = (m: MarkingDraft, facts: Facts): string => {
  const { kind, members, orgs } = m.audience;
  if (m.tlp !== "TLP:RED" && kind !== "named") return kind === "hosts" ? "hosts only" : "everyone in the room";
  const called = (code: string) => facts.members.find((x) => x.org === code && x.orgName !== "")?.orgName ?? code;
  const { hosts } = facts.room;
  const all = m.tlp === "TLP:RED" ? [] : orgs;
  const hosted = hosts.length > 0 && hosts.every((h) => all.includes(h));
  const names = [
    ...(hosted ? ["the hosts"] : []),
    ...all.filter((o) => !hosted || !hosts.includes(o)).map(called),
    ...members.filter((n) => n !== facts.you).map((n) => facts.members.find((x) => x.number === n)?.name || `M-${n}`),
  ];
  return names.length === 0 ? "named people" : names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} others` : list(names);
};

type Props = { value: MarkingDraft; onChange: (next: MarkingDraft) => void; facts: Facts; error: string | undefined; /** TLP:RED cannot be chosen. */ neverRed?: boolean };

/** The label and who receives it, folded until somebody wants another than usual. */
export function MarkingFields({ value, onChange, facts, error, neverRed = false }: Props) {
  const people = facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));
  return (
    <details className="fold" open={error ? true : undefined}>
      <summary>
        Label and audience <span className="fold__now">{value.tlp}, {whom(value, facts)}</span>
      </summary>
      <div className="fold__body">
        <SelectField id="tlp" label="Label" hint={labelHint(value.tlp)} value={value.tlp} onChange={(e) => onChange({ ...value, touched: true, tlp: labels.find((l) => l === e.target.value) ?? value.tlp })}>
          {labels
            .toReversed()
            .filter((l) => !neverRed || l !== "TLP:RED")
            .map((l) => (
              <option key={l} value={l}>
                {l}
              </option>
            ))}
        </SelectField>
        <AudiencePicker value={value.audience} onChange={(audience) => onChange({ ...value, touched: true, audience })} people={people} me={facts.you} red={value.tlp === "TLP:RED"} error={error} />
      </div>
    </details>
  );
}
