import type { AlertOrg } from "../../protocol/alert";
import { Button } from "../../ui/Button";
import { Moment } from "../../ui/Moment";
import { StateTag } from "../../ui/StateTag";
import { shortMoment } from "../../ui/time";
import { alertLook, dueWords, overdue, roughly, viaWord, wantsWord } from "./words";

type Props = {
  rows: readonly AlertOrg[];
  caption: string;
  selected: ReadonlySet<string>;
  onSelect: (next: ReadonlySet<string>) => void;
  onOpen: (row: AlertOrg) => void;
  now: number;
};

/** Organisations and how far each has come, one a line; lines can be chosen. */
export function Rows({ rows, caption, selected, onSelect, onOpen, now }: Props) {
  const all = rows.length > 0 && rows.every((r) => selected.has(r.org));
  const toggle = (org: string) => {
    const next = new Set(selected);
    if (!next.delete(org)) next.add(org);
    onSelect(next);
  };
  return (
    <table className="listing alert-rows">
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">
            <Tick label={all ? "Choose none of those shown" : "Choose all shown"} checked={all} onChange={() => onSelect(all ? new Set() : new Set(rows.map((r) => r.org)))} />
          </th>
          <th scope="col">Code</th>
          <th scope="col">Organisation</th>
          <th scope="col">How far</th>
          <th scope="col">Due next</th>
          <th scope="col">Last answer</th>
          <th scope="col">Chased</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <Row key={r.org} row={r} chosen={selected.has(r.org)} now={now} onToggle={() => toggle(r.org)} onOpen={() => onOpen(r)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row: r, chosen, now, onToggle, onOpen }: { row: AlertOrg; chosen: boolean; now: number; onToggle: () => void; onOpen: () => void }) {
  const late = overdue(r, now);
  return (
    <tr className={late ? "alert-rows__late" : undefined} data-chosen={chosen || undefined}>
      <td data-label="">
        <Tick label={`Choose ${r.name}`} checked={chosen} onChange={onToggle} />
      </td>
      <td data-label="" className="quiet tabular alert-rows__code">
        {r.org}
      </td>
      <td data-label="" className="alert-rows__org">
        <Button kind="plain" className="alert-rows__name" onClick={onOpen}>
          {r.name}
          <span className="unseen">: what was said</span>
        </Button>
      </td>
      <td data-label="How far">
        <StateTag look={alertLook[r.state]} />
      </td>
      <td data-label={r.wants === "" ? "" : "Due next"} className="tabular">
        {late && r.dueBy ? (
          <>
            <strong className="alert-rows__over">Overdue {roughly(Date.parse(r.dueBy) - now)}:</strong> {wantsWord(r)}, {shortMoment(r.dueBy, new Date(now))}
          </>
        ) : (
          dueWords(r, now)
        )}
      </td>
      <td data-label={r.changed ? "Last answer" : ""}>
        {r.changed ? (
          <>
            <Moment at={r.changed} now={now} />
            {r.via ? `, told ${viaWord[r.via]}` : r.by ? `, ${r.by}` : ""}
          </>
        ) : null}
      </td>
      <td data-label={r.chased ? "Chased" : ""}>
        {r.chased ? (
          <>
            <Moment at={r.chased} now={now} />
            {r.chases > 1 ? ` (${r.chases})` : ""}
          </>
        ) : null}
      </td>
    </tr>
  );
}

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: () => void }) {
  return (
    <label className="tick">
      <input type="checkbox" checked={checked} onChange={onChange} />
      <span className="unseen">{label}</span>
    </label>
  );
}
