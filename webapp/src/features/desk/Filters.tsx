import { useState, type FormEvent } from "react";
import type { DeskOrganisation, DeskRoom } from "../../protocol/desk";
import type { Facts, RoomID } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { SelectField, TextField } from "../../ui/Field";
import { labels } from "../../ui/label";
import { type Asked, roomsAsked } from "./url";
import { kindNames } from "./words";

type Props = {
  asked: Asked;
  rooms: readonly DeskRoom[];
  facts: ReadonlyMap<RoomID, Facts>;
  organisations: readonly DeskOrganisation[];
  onAsk: (asked: Asked) => void;
};

/** What of the timeline to show. Nothing happens until it is asked for, so that an address is made once. */
export function TimelineFilters({ asked, rooms, facts, organisations, onAsk }: Props) {
  const [draft, setDraft] = useState<Asked>(asked);
  const set = (more: Asked) => setDraft((d) => ({ ...d, ...more }));
  const send = (e: FormEvent) => {
    e.preventDefault();
    onAsk(draft);
  };
  const chosen = roomsAsked(draft, rooms.map((r) => r.room));
  const people = chosen.flatMap((r) => (facts.get(r)?.members ?? []).filter((m) => m.number > 0 && m.name !== "").map((m) => ({ value: `${r}.${m.number}`, words: `${m.name}, ${m.orgName}` })));
  const once = people.filter((p, i) => people.findIndex((q) => q.words === p.words) === i).toSorted((a, b) => a.words.localeCompare(b.words));
  const narrowed = ["kinds", "person", "org", "label", "from", "to"].some((f) => (asked[f as keyof Asked] ?? "") !== "");
  return (
    <details className="desk-fold" open={narrowed || wide()}>
      <summary>What to show</summary>
      <form className="desk-filters" aria-label="What to show" onSubmit={send}>
        <SelectField label="Kind" value={draft.kinds ?? ""} onChange={(e) => set({ kinds: e.target.value })}>
          <option value="">Everything</option>
          {kindNames.map(([v, l]) => (
            <option key={v} value={v}>
              {l}
            </option>
          ))}
        </SelectField>
        <SelectField label="Person" value={draft.person ?? ""} onChange={(e) => set({ person: e.target.value })}>
          <option value="">Anyone</option>
          {once.map((p) => (
            <option key={p.value} value={p.value}>
              {p.words}
            </option>
          ))}
        </SelectField>
        <SelectField label="Organisation" value={draft.org ?? ""} onChange={(e) => set({ org: e.target.value })}>
          <option value="">Any</option>
          {organisations.map((o) => (
            <option key={o.code} value={o.code}>
              {o.name}
            </option>
          ))}
        </SelectField>
        <SelectField label="Label now" value={draft.label ?? ""} onChange={(e) => set({ label: e.target.value })}>
          <option value="">Any</option>
          {labels.map((l) => (
            <option key={l} value={l}>
              {l}
            </option>
          ))}
        </SelectField>
        <SelectField label="Times are when it" value={draft.by ?? ""} onChange={(e) => set({ by: e.target.value })}>
          <option value="">was recorded</option>
          <option value="happened">happened</option>
        </SelectField>
        <TextField label="From (London)" type="datetime-local" value={draft.from ?? ""} onChange={(e) => set({ from: e.target.value })} />
        <TextField label="Before (London)" type="datetime-local" value={draft.to ?? ""} onChange={(e) => set({ to: e.target.value })} />
        <SelectField label="Order" value={draft.order ?? ""} onChange={(e) => set({ order: e.target.value })}>
          <option value="">Oldest first</option>
          <option value="newest">Newest first</option>
        </SelectField>
        <div className="desk-filters__end">
          <Button type="submit" small>
            Show
          </Button>
          {narrowed ? (
            <Button
              kind="secondary"
              small
              onClick={() => {
                const bare: Asked = { ...(asked.rooms ? { rooms: asked.rooms } : {}), ...(asked.order ? { order: asked.order } : {}) };
                setDraft(bare);
                onAsk(bare);
              }}
            >
              Show everything
            </Button>
          ) : null}
        </div>
      </form>
    </details>
  );
}

// On a phone the filters would push the timeline off the screen: there they are folded.
const wide = (): boolean => window.matchMedia("(min-width: 48em)").matches;

/** Which rooms, where several may be looked at together. */
export function RoomsChooser({ asked, rooms, onAsk }: { asked: Asked; rooms: readonly DeskRoom[]; onAsk: (asked: Asked) => void }) {
  const all = rooms.map((r) => r.room);
  const chosen = roomsAsked(asked, all);
  if (rooms.length < 2) return null;
  return (
    <fieldset className="desk-rooms">
      <legend>Rooms</legend>
      {rooms.map((r) => (
        <label key={r.room} className="desk-rooms__one">
          <input
            type="checkbox"
            checked={chosen.includes(r.room)}
            onChange={(e) => {
              const next = e.target.checked ? [...chosen, r.room] : chosen.filter((x) => x !== r.room);
              onAsk({ ...asked, rooms: next.length === 0 || next.length === all.length ? "" : next.join(".") });
            }}
          />
          <span>
            {r.mode === "exercise" ? <strong>EXERCISE </strong> : null}
            <span className="tabular">{r.reference}</span> {r.title}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Which room, where one is looked at. */
export function RoomChooser({ room, rooms, onRoom }: { room: RoomID; rooms: readonly DeskRoom[]; onRoom: (room: RoomID) => void }) {
  return (
    <SelectField label="Room" className="desk-filters__room" value={room} onChange={(e) => onRoom(e.target.value as RoomID)}>
      {rooms.map((r) => (
        <option key={r.room} value={r.room}>
          {r.mode === "exercise" ? "EXERCISE " : ""}
          {r.reference} {r.title}
        </option>
      ))}
    </SelectField>
  );
}
