import { useState } from "react";
import type { Rota, Rotas, Shift } from "../../protocol/matrix";
import type { PersonRow } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { tierName } from "../../ui/severity";
import { dateAndTime, fromLondon } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";

type Props = { rotas: Rotas; mine: readonly string[]; named: (code: string) => string; people: (org: string) => Promise<readonly PersonRow[]>; onSave: (r: Rota, shifts: readonly Shift[]) => Promise<unknown> };

function ShiftDialog({ rota, people, onAdd, onClose }: { rota: Rota; people: readonly PersonRow[]; onAdd: (s: Shift) => Promise<unknown>; onClose: () => void }) {
  const [person, setPerson] = useState("");
  const [seniority, setSeniority] = useState("1");
  const [t, setT] = useState({ day: "", wall: "08:00", endDay: "", endWall: "08:00" });
  const submit = useSubmit();
  const save = async () => {
    const from = fromLondon(t.day, t.wall);
    const until = fromLondon(t.endDay, t.endWall);
    const errors = [
      person === "" ? { name: "person", message: "Choose who is on call." } : null,
      from === null ? { name: "from", message: "Give the day and the time it begins." } : null,
      until === null ? { name: "until", message: "Give the day and the time it ends." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0 || from === null || until === null) {
      submit.refuse(errors);
      return;
    }
    if (await submit.run(() => onAdd({ person, from, until, seniority: Number(seniority) || 1 }))) onClose();
  };
  return (
    <Dialog title={`Add a shift: ${tierName[rota.tier].toLowerCase()}`} onClose={onClose}>
      <FormProblems submit={submit} host onAgain={() => void save()} />
      <SelectField id="person" label="Who is on call" error={submit.errorOf("person")} value={person} onChange={(e) => setPerson(e.target.value)}>
        <option value="">Choose</option>
        {people.map((p) => (
          <option key={p.id} value={p.id}>
            {p.name}
          </option>
        ))}
      </SelectField>
      <div className="matrix__row">
        <TextField id="from" label="From" type="date" error={submit.errorOf("from")} value={t.day} onChange={(e) => setT({ ...t, day: e.target.value, endDay: t.endDay || e.target.value })} />
        <TextField id="from-time" label="at" type="time" value={t.wall} onChange={(e) => setT({ ...t, wall: e.target.value })} />
        <TextField id="until" label="Until" type="date" error={submit.errorOf("until")} value={t.endDay} onChange={(e) => setT({ ...t, endDay: e.target.value })} />
        <TextField id="until-time" label="at" type="time" value={t.endWall} onChange={(e) => setT({ ...t, endWall: e.target.value })} />
      </div>
      <TextField id="seniority" label="Asked as number" hint="Of those on call at once, 1 is asked first." inputMode="numeric" className="matrix__minutes" value={seniority} onChange={(e) => setSeniority(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Add it
      </FormButtons>
    </Dialog>
  );
}

/** Who is on call, at each tier of each host; one's own organisation's can be changed. */
export function RotasPage({ rotas, mine, named, people, onSave }: Props) {
  const [adding, setAdding] = useState<{ rota: Rota; people: readonly PersonRow[] } | null>(null);
  const submit = useSubmit();
  return (
    <section className="rotas" aria-labelledby="rotas-heading">
      <h2 id="rotas-heading">On call</h2>
      <FormProblems submit={submit} host onAgain={() => undefined} />
      {rotas.rotas.map((r) => (
        <section key={`${r.org}/${r.tier}`} aria-label={`${named(r.org)}, ${tierName[r.tier].toLowerCase()} tier`} className="rotas__one">
          <h3>
            {named(r.org)} <span className="quiet">{tierName[r.tier].toLowerCase()} tier</span>
          </h3>
          {r.shifts.length === 0 ? <p className="post__nobody">Nobody is on this rota.</p> : null}
          <ol className="post-history">
            {r.shifts.map((s, i) => (
              <li key={`${s.person} ${s.from}`}>
                <strong>{rotas.people[s.person] || "Somebody who is not on the books any more"}</strong>, {dateAndTime(s.from)} to {dateAndTime(s.until)} <span className="quiet">· number {s.seniority}</span>{" "}
                {mine.includes(r.org) ? (
                  <Button kind="plain" onClick={() => void submit.run(() => onSave(r, r.shifts.filter((_, n) => n !== i)))}>
                    Take out<span className="unseen"> the shift of {rotas.people[s.person]}</span>
                  </Button>
                ) : null}
              </li>
            ))}
          </ol>
          {mine.includes(r.org) ? (
            <Button small kind="secondary" onClick={() => void submit.run(async () => setAdding({ rota: r, people: await people(r.org) }))}>
              Add a shift<span className="unseen"> to {named(r.org)}, {tierName[r.tier].toLowerCase()} tier</span>
            </Button>
          ) : null}
        </section>
      ))}
      {adding ? <ShiftDialog rota={adding.rota} people={adding.people} onAdd={(s) => onSave(adding.rota, [...adding.rota.shifts, s].toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.seniority - b.seniority)))} onClose={() => setAdding(null)} /> : null}
    </section>
  );
}
