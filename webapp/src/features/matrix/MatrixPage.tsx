import { useState } from "react";
import { conditions, type Condition } from "../../protocol/escalation";
import type { Matrix, MatrixRow, Simulated, Simulation } from "../../protocol/matrix";
import { scales, tiers, type Scale, type Tier } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { conditionName, wayName } from "../../ui/escalation";
import { Checkbox, SelectField, TextField } from "../../ui/Field";
import { FormProblems } from "../../ui/FormProblems";
import { gradeName, tierName } from "../../ui/severity";
import { dateAndTime, dayKey, fromLondon, timeOfDay } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";

type Org = { readonly code: string; readonly name: string };
type Props = { matrix: Matrix; hosts: readonly Org[]; onSave: (rows: readonly MatrixRow[], seen: number) => Promise<unknown>; /** Whether the last hour has a second factor. */ confirmed: boolean; onSimulate: (s: Simulation) => Promise<Simulated> };

const grades: Record<Scale, readonly number[]> = { nhs_level: [1, 2, 3, 4], ncsc_category: [6, 5, 4, 3, 2, 1] };

const from = (r: { scale?: Scale; atLeast?: number }): string => (r.scale ? `${r.scale}/${r.atLeast ?? 0}` : "");
const severityOf = (v: string): { scale?: Scale; atLeast?: number } => {
  const [scale, n] = v.split("/");
  return scale ? { scale: scale as Scale, atLeast: Number(n) } : {};
};

function Severities() {
  return (
    <>
      {scales.flatMap((s) =>
        grades[s].map((n) => (
          <option key={`${s}/${n}`} value={`${s}/${n}`}>
            {gradeName(s, n)}
          </option>
        )),
      )}
    </>
  );
}

function Row({ row, n, hosts, error, onChange, onDrop }: { row: MatrixRow; n: number; hosts: readonly Org[]; error: (f: string) => string | undefined; onChange: (r: MatrixRow) => void; onDrop: () => void }) {
  const id = (f: string) => `rows[${n}].${f}`;
  return (
    <fieldset className="matrix__row">
      <legend className="unseen">
        Row {n + 1}: {conditionName[row.condition]}
      </legend>
      <SelectField id={id("atLeast")} label="From" error={error(id("atLeast"))} value={from(row)} onChange={(e) => {
          const { scale: _s, atLeast: _a, ...rest } = row;
          onChange({ ...rest, ...severityOf(e.target.value) });
        }}>
        <option value="">Whatever the severity</option>
        <Severities />
      </SelectField>
      <SelectField id={id("tier")} label="Goes to" error={error(id("tier"))} value={row.tier} onChange={(e) => onChange({ ...row, tier: e.target.value as Tier })}>
        {tiers.map((t) => (
          <option key={t} value={t}>
            {tierName[t]}
          </option>
        ))}
      </SelectField>
      <TextField id={id("minutes")} label="Minutes each" inputMode="numeric" className="matrix__minutes" error={error(id("minutes"))} value={String(row.minutes || "")} onChange={(e) => onChange({ ...row, minutes: Number(e.target.value.replace(/\D/g, "")) })} />
      <SelectField id={id("rota")} label="On call" error={error(id("rota"))} value={row.rota ?? ""} onChange={(e) => {
          const { rota: _r, ...rest } = row;
          onChange(e.target.value === "" ? rest : { ...rest, rota: e.target.value });
        }}>
        <option value="">Each host in turn</option>
        {hosts.map((h) => (
          <option key={h.code} value={h.code}>
            {h.name} first
          </option>
        ))}
      </SelectField>
      <div className="nhsuk-checkboxes nhsuk-checkboxes--small matrix__checks">
        <Checkbox label="Second factor" checked={row.factor ?? false} onChange={(e) => onChange({ ...row, factor: e.target.checked })} />
        <Checkbox label="Two people must accept" checked={row.twoKey ?? false} onChange={(e) => onChange({ ...row, twoKey: e.target.checked })} />
      </div>
      <Button kind="plain" onClick={onDrop}>
        Take out<span className="unseen"> row {n + 1}</span>
      </Button>
    </fieldset>
  );
}

/** The next Sunday after today, by London's calendar. */
function comingSunday(): string {
  const noon = new Date(`${dayKey(new Date())}T12:00:00Z`);
  return new Date(noon.getTime() + (7 - noon.getUTCDay()) * 86_400_000).toISOString().slice(0, 10);
}

/** Who would be woken, in order, and when: of what stands on the screen, saved or not. */
function Simulate({ rows, onSimulate }: { rows: readonly MatrixRow[]; onSimulate: Props["onSimulate"] }) {
  const [condition, setCondition] = useState<Condition>("disconnect_network");
  const [severity, setSeverity] = useState("nhs_level/4");
  const [day, setDay] = useState(comingSunday);
  const [wall, setWall] = useState("03:00");
  const [found, setFound] = useState<Simulated | null>(null);
  const submit = useSubmit();
  const ask = async () => {
    const at = fromLondon(day, wall);
    if (at === null) {
      submit.refuse([{ name: "at", message: "A day, and four figures on the 24-hour clock." }]);
      return;
    }
    const { scale, atLeast } = severityOf(severity);
    await submit.run(async () => setFound(await onSimulate({ rows, condition, at, ...(scale ? { scale, grade: atLeast ?? 0 } : {}) })));
  };
  return (
    <section className="matrix__simulate" aria-labelledby="simulate-heading">
      <h2 id="simulate-heading">Who would be woken?</h2>
      <FormProblems submit={submit} host onAgain={() => void ask()} />
      <div className="matrix__row">
        <SelectField id="sim-condition" label="For" value={condition} onChange={(e) => setCondition(e.target.value as Condition)}>
          {conditions.map((c) => (
            <option key={c} value={c}>
              {conditionName[c]}
            </option>
          ))}
        </SelectField>
        <SelectField id="sim-severity" label="At" value={severity} onChange={(e) => setSeverity(e.target.value)}>
          <option value="">No severity assessed yet</option>
          <Severities />
        </SelectField>
        <TextField id="sim-day" label="On" type="date" value={day} onChange={(e) => setDay(e.target.value)} />
        <TextField id="at" label="At the hour" type="time" error={submit.errorOf("at")} value={wall} onChange={(e) => setWall(e.target.value)} />
      </div>
      <Button kind="secondary" busy={submit.busy} onClick={() => void ask()}>
        Try it
      </Button>
      <div role="status">
        {found ? (
          <>
            <p>
              To the <strong>{tierName[found.tier].toLowerCase()} tier</strong>
              {found.factor ? ", with a second factor" : ""}
              {found.twoKey ? ", and two people must accept" : ""}. In a room, who holds a post of that tier comes first.
            </p>
            {found.asked.length === 0 ? <p className="post__nobody">Nobody would be woken: nobody is on call then.</p> : null}
            <ol className="matrix__asked">
              {found.asked.map((p) => (
                <li key={p.person}>
                  <strong>{p.name}</strong>, {p.org} <span className="quiet">· {tierName[p.tier].toLowerCase()}, {wayName[p.way]}</span>, at <span className="tabular">{timeOfDay(p.at)}</span>
                </li>
              ))}
            </ol>
            <p className="quiet">If nobody answers, both hosts are alarmed at {timeOfDay(found.silent)}.</p>
          </>
        ) : null}
      </div>
    </section>
  );
}

/** The matrix, edited and tried before it is saved. */
export function MatrixPage({ matrix, hosts, confirmed, onSave, onSimulate }: Props) {
  const [rows, setRows] = useState(matrix.rows);
  const submit = useSubmit();
  const changed = rows !== matrix.rows;
  const set = (i: number, r: MatrixRow | null) => setRows(r === null ? rows.filter((_, n) => n !== i) : rows.map((old, n) => (n === i ? r : old)));
  return (
    <div className="matrix">
      <h1>Who decides what</h1>
      <p>
        {matrix.version === 0 ? "Nobody has changed it: this is the one built in." : `Version ${matrix.version}, set by ${matrix.by}${matrix.at ? `, ${dateAndTime(matrix.at)}` : ""}.`} Rooms that are open keep the version they began with. Where several rows fit, the highest tier and the shortest time count.
      </p>
      {confirmed ? null : (
        <p className="fact__source">
          Changing it takes your second factor. <a href={`/auth/step-up?${new URLSearchParams({ return: "/who-decides" }).toString()}`}>Confirm it first</a>: this page is loaded anew when you come back.
        </p>
      )}
      <FormProblems submit={submit} host onAgain={() => undefined} />
      {conditions.map((c) => (
        <section key={c} className="matrix__condition" aria-labelledby={`c-${c}`}>
          <h2 id={`c-${c}`}>{conditionName[c]}</h2>
          {rows.map((r, i) => (r.condition === c ? <Row key={i} row={r} n={i} hosts={hosts} error={submit.errorOf} onChange={(next) => set(i, next)} onDrop={() => set(i, null)} /> : null))}
          <Button kind="plain" onClick={() => setRows([...rows, { condition: c, tier: "strategic", minutes: 10, scale: "nhs_level", atLeast: 4 }])}>
            Add a row<span className="unseen"> for {conditionName[c].toLowerCase()}</span>
          </Button>
        </section>
      ))}
      <Simulate rows={rows} onSimulate={onSimulate} />
      <div className="actions actions--stuck">
        <Button busy={submit.busy} disabled={!changed} onClick={() => void submit.run(() => onSave(rows, matrix.version))}>
          Save as version {matrix.version + 1}
        </Button>
        {changed ? (
          <Button kind="secondary" onClick={() => setRows(matrix.rows)}>
            Undo my changes
          </Button>
        ) : null}
      </div>
    </div>
  );
}
