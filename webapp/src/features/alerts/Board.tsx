import { useState, type ReactNode } from "react";
import { type AlertBoard, type AlertBoardQuery, type AlertOrg, type AlertState, alertStates } from "../../protocol/alert";
import { orgTypes } from "../../protocol/types";
import { useAnnounce } from "../../ui/Announcer";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextField } from "../../ui/Field";
import { orgTypeName } from "../../ui/names";
import { Empty, Failed, Loading } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";
import type { Step } from "./AnswerDialog";
import { Rows } from "./Rows";
import { alertLook, stepsFrom, stepWord } from "./words";

export const wholeBoard: AlertBoardQuery = { state: "", overdue: false, type: "", q: "" };

type Props = {
  board: AlertBoard | null;
  problem: string;
  query: AlertBoardQuery;
  open: boolean;
  /** How far the messages to their contacts have come. */
  messages: ReactNode;
  now: number;
  onQuery: (q: AlertBoardQuery) => void;
  onRetry: () => void;
  onMore: (() => void) | null;
  onOpen: (row: AlertOrg) => void;
  /** done: once it is answered. */
  onStep: (step: Step, rows: readonly AlertOrg[], done: () => void) => void;
  /** Resolves to how many were chased. null: all that are overdue. */
  onChase: (orgs: readonly string[] | null) => Promise<number>;
};

/** How far every organisation has come: who is overdue first. */
export function Board(p: Props) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [told, setTold] = useState("");
  const submit = useSubmit();
  const say = useAnnounce();
  const { board, query } = p;
  const ask = (q: AlertBoardQuery) => {
    setSelected(new Set()); // what is out of sight is not to be answered for
    setTold("");
    submit.clear();
    p.onQuery(q);
  };
  if (board === null) return p.problem === "" ? <Loading what="the board" /> : <Failed title="The board could not be loaded" detail={p.problem} onRetry={p.onRetry} />;
  const chosen = board.rows.filter((r) => selected.has(r.org));
  const chase = (orgs: readonly string[] | null) =>
    submit.run(async () => {
      setTold("");
      const n = await p.onChase(orgs);
      const words = `${plural(n, "organisation")} chased`;
      setTold(words);
      say(words);
      setSelected(new Set());
    });
  const c = board.counts;
  const filtered = query.q !== "" || query.type !== "";
  const states: readonly { key: string; label: string; n: number; on: boolean; set: Partial<AlertBoardQuery> }[] = [
    { key: "all", label: "All", n: c.organisations, on: query.state === "" && !query.overdue, set: { state: "", overdue: false } },
    { key: "overdue", label: "Overdue", n: c.overdue, on: query.overdue, set: { state: "", overdue: true } },
    ...alertStates.map((s: AlertState) => ({ key: s, label: alertLook[s].word, n: c.states[s] ?? 0, on: query.state === s && !query.overdue, set: { state: s, overdue: false } })),
  ];
  return (
    <section className="page__section alert-board" aria-labelledby="board">
      <div className="alert-board__head">
        <h2 id="board">How far each has come</h2>
        {p.open ? (
          <Button busy={submit.busy} disabled={c.overdue === 0} onClick={() => void chase(null)}>
            Chase all {c.overdue > 0 ? `${c.overdue} ` : ""}overdue
          </Button>
        ) : null}
      </div>
      {p.messages}
      <ErrorSummary problems={submit.problems} />
      {told === "" ? null : <p className="alert-board__told">{told}. Nobody is chased twice within an hour.</p>}
      <div className="filters alert-board__states" role="group" aria-label="How far">
        {states.map((s) => (
          <button key={s.key} type="button" className="filters__one" aria-pressed={s.on} onClick={() => ask({ ...query, ...s.set })}>
            {s.label} <span className="tabular">{s.n}</span>
          </button>
        ))}
      </div>
      <div className="alert-board__search">
        <TextField label="Name or code" type="search" value={query.q} onChange={(e) => ask({ ...query, q: e.target.value })} />
        <SelectField label="Type" value={query.type} onChange={(e) => ask({ ...query, type: orgTypes.find((t) => t === e.target.value) ?? "" })}>
          <option value="">Any</option>
          {orgTypes.map((t) => (
            <option key={t} value={t}>
              {orgTypeName[t]}
            </option>
          ))}
        </SelectField>
      </div>
      {p.open && chosen.length > 0 ? <Chosen rows={chosen} onStep={(step, rows) => p.onStep(step, rows, () => setSelected(new Set()))} onNone={() => setSelected(new Set())} chase={{ busy: submit.busy, go: () => void chase(chosen.map((r) => r.org)) }} /> : null}
      {board.rows.length === 0 ? (
        <Empty title={query.overdue && !filtered ? "Nobody is overdue" : "No organisation is like this"}>
          {query === wholeBoard ? null : (
            <Button kind="plain" onClick={() => ask(wholeBoard)}>
              Show all
            </Button>
          )}
        </Empty>
      ) : (
        <>
          <p className="quiet alert-board__found">
            {board.rows.length < board.found ? `The first ${board.rows.length} of ${board.found}` : plural(board.found, "organisation")}
            {query.overdue ? ", overdue" : ""}
          </p>
          <Rows rows={board.rows} caption="Organisations, the most urgent first" selected={selected} onSelect={setSelected} onOpen={p.onOpen} now={p.now} />
          {p.onMore ? (
            <Button kind="secondary" small onClick={p.onMore}>
              Show more
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}

/** The steps that all of these can take. */
export const stepsOf = (rows: readonly AlertOrg[]): readonly Step[] =>
  (["acknowledge", "answer", "plan", "update", "finish"] as const).filter((s) => rows.length > 0 && rows.every((r) => stepsFrom[r.state].includes(s)));

/** What can be done for those that are chosen; it stays in sight. */
export function Chosen({ rows, onStep, onNone, chase }: { rows: readonly AlertOrg[]; onStep: (step: Step, rows: readonly AlertOrg[]) => void; onNone: () => void; chase?: { busy: boolean; go: () => void } }) {
  const steps = stepsOf(rows);
  return (
    <div className="alert-chosen" role="group" aria-label="For those chosen">
      <strong>{plural(rows.length, "organisation")} chosen</strong>
      {chase && rows.every((r) => r.wants !== "") ? (
        <Button small kind="secondary" busy={chase.busy} onClick={chase.go}>
          Chase
        </Button>
      ) : null}
      {steps.map((s) => (
        <Button key={s} small kind="secondary" onClick={() => onStep(s, rows)}>
          {stepWord[s]}
        </Button>
      ))}
      {steps.length === 0 ? <span className="quiet">They have not all come equally far: choose others to answer for them at once.</span> : null}
      <Button kind="plain" onClick={onNone}>
        Choose none
      </Button>
    </div>
  );
}
