import { useMemo, useRef, useState, type ReactNode } from "react";
import type { ImportedItem, ImportFormat, ImportNote, ImportPreview, Indicator, ItemBody, ItemDraft } from "../../protocol/intel";
import { ApiError } from "../../protocol/problem";
import type { Facts, Key, Seq } from "../../protocol/types";
import { newKey } from "../../protocol/ulid";
import { audienceTells } from "../../room/roster";
import { audienceProblem } from "../../ui/AudiencePicker";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { defang } from "../../ui/defang";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, SelectField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { doNotBlock, sourceWords } from "../../ui/intel";
import { graver } from "../../ui/label";
import { nhsNumbers, redacted } from "../../ui/nhsNumber";
import { FieldPatientData, usePatientDataGate } from "../../ui/PatientData";
import { shownProblem } from "../../ui/problem";
import { TlpTag } from "../../ui/TlpTag";
import { useSubmit } from "../../ui/useSubmit";
import type { AskReceivers } from "../../ui/usePreflight";
import { list, plural } from "../../ui/words";
import { blankLimits, limitsSent, withWords, wordsOf, writingOf, type ItemWriting, type Limits } from "./draft";
import { LimitFields } from "./LimitFields";
import { type Look, Looks } from "../../ui/Looks";

type Props = {
  facts: Facts;
  preview: (file: Blob, format: ImportFormat, onProgress: (part: number) => void) => Promise<ImportPreview>;
  publish: (draft: ItemDraft, key: Key) => Promise<{ readonly seq: Seq }>;
  /** Who would receive it. */
  onAsk: AskReceivers;
  /** Opens one in the sheet, to be changed and shared by itself. */
  onEdit: (from: ItemWriting) => void;
  onDone: (seqs: readonly Seq[]) => void;
  onClose: () => void;
};

type One = { readonly item: ImportedItem; readonly key: Key; readonly chosen: boolean; readonly seq: Seq | null; readonly problem: string };

/** Those that go, by their place. */
type Chosen = readonly { readonly one: One; readonly n: number }[];
type Checking = { readonly chosen: Chosen; readonly looks: readonly (Look & { readonly name: string })[] };

const head = 64 << 10; // bytes of a file by which one tells what it is

/** What a file is, by its name and its beginning: what is no JSON is a table, and JSON that looks like neither is read as STIX, which then says what is wrong with it. */
export function formatOf(name: string, beginning: string): ImportFormat {
  if (!/\.json$/i.test(name) && !/^\uFEFF?\s*[[{]/.test(beginning)) return "csv";
  return /"(Event|response|Attribute)"\s*:/.test(beginning) && !/"type"\s*:\s*"bundle"/.test(beginning) ? "misp" : "stix";
}

/** An item's label is never lower than the file says, nor lower than what is chosen for all. */
const labelOf = (i: ImportedItem, limits: Limits) => graver(i.tlp ?? limits.tlp, limits.tlp);

const draftOf = (i: ImportedItem, limits: Limits, facts: Facts): ItemDraft => {
  const { pap, caveat } = i;
  const { invented: _, ...body } = i.item; // the house's own word
  const sent = limitsSent({ ...limits, tlp: labelOf(i, limits) }, facts);
  return { ...body, ...sent, ...(pap && !sent.pap ? { pap } : {}), ...(caveat && !sent.caveat ? { caveat } : {}) };
};

/** What goes to the same people under the same label is looked at once. */
const askOf = (d: ItemDraft) => ({ ...(d.tlp ? { tlp: d.tlp } : {}), ...(d.audience ? { audience: d.audience } : {}) });

function Pick({ busy, part, name, problem, onFile }: { busy: boolean; part: number; name: string; problem: string; onFile: (f: File, format: ImportFormat | "") => void }) {
  const [over, setOver] = useState(false);
  const [format, setFormat] = useState<ImportFormat | "">("");
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {problem === "" ? null : <ErrorSummary title={`${name === "" ? "The file" : name} was not taken`} problems={[{ message: problem }]} />}
      <div
        className={cx("drop", over && "drop--over")}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          const f = e.dataTransfer.files[0];
          if (f && !busy) onFile(f, format);
        }}
      >
        <p>
          <Icon name="upload" size={18} /> Drop a file here, or pick one. STIX 2.1 or 2.0, a MISP event, or a table (CSV). You see what it becomes before anything is shared.
        </p>
        <label className="nhsuk-label nhsuk-label--s" htmlFor="import-file">
          File
        </label>
        <input
          ref={input}
          id="import-file"
          type="file"
          accept=".json,.csv,.txt,application/json,text/csv"
          disabled={busy}
          onChange={(e) => {
            const f = e.target.files?.[0];
            e.target.value = ""; // the same file, changed, may be picked again
            if (f) onFile(f, format);
          }}
        />
        <SelectField label="What it is" value={format} onChange={(e) => setFormat(e.target.value as ImportFormat | "")}>
          <option value="">Tell by its content</option>
          <option value="stix">STIX</option>
          <option value="misp">MISP event</option>
          <option value="csv">Table (CSV)</option>
        </SelectField>
      </div>
      {busy ? (
        <p role="status">
          {part < 1 ? `Sending ${name}: ${Math.round(part * 100)} %` : `Reading ${name}…`}
          <br />
          <progress className="progress" max={1} {...(part < 1 ? { value: part } : {})} aria-label={part < 1 ? "Sending" : "Reading"} />
        </p>
      ) : null}
    </>
  );
}

function Notes({ title, notes, hint, join }: { title: string; notes: readonly ImportNote[]; hint: string; /** Between what it is and what became of it. */ join: string }) {
  if (notes.length === 0) return null;
  return (
    <details className="fold" open={notes.length <= 8}>
      <summary>
        {title} <span className="fold__now">{notes.length}</span>
      </summary>
      <div className="fold__body">
        <p className="field-note">{hint}</p>
        <ul className="import__left">
          {notes.map((n, i) => (
            // oxlint-disable-next-line react/no-array-index-key
            <li key={i}>
              <strong>{n.what}</strong>
              {join}
              {n.why}
              <span className="quiet">
                {n.line ? ` (line ${n.line}${n.count > 1 ? `, and ${(n.count - 1).toLocaleString("en-GB")} more` : ""})` : n.count > 1 ? ` (${n.count.toLocaleString("en-GB")} times)` : ""}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

const sample = (list: readonly Indicator[]): string => [...list.filter((i) => i.doNotBlock), ...list.filter((i) => !i.doNotBlock)].slice(0, 3).map((i) => defang(i.kind, i.value)).join(", ");

type UnderstoodProps = { one: One; limits: Limits; busy: boolean; onChoose: (on: boolean) => void; onChange: (item: ItemBody) => void; onEdit: () => void };

function Understood({ one, limits, busy, onChoose, onChange, onEdit }: UnderstoodProps) {
  const { item: marked } = one;
  const i = marked.item;
  const words = useMemo(() => wordsOf(i), [i]);
  return (
    <li className={cx("import__one", one.seq !== null && "import__one--done")}>
      {one.seq === null ? (
        <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
          <Checkbox label={i.title} checked={one.chosen} disabled={busy} onChange={(e) => onChoose(e.target.checked)} />
        </div>
      ) : (
        <p>
          <Icon name="check" size={16} /> {i.title} <span className="quiet">is entry {one.seq}</span>
        </p>
      )}
      <p className="board-row__facts">
        <TlpTag label={labelOf(marked, limits)} /> {marked.pap ? <span className="tag-plain">{marked.pap}</span> : null}
        {i.indicators.length > 0 ? `${plural(i.indicators.length, "indicator")}: ${sample(i.indicators)}${i.indicators.length > 3 ? " …" : ""}` : "No indicators"}
        {i.sources[0] ? ` · ${sourceWords(i.sources[0])}` : ""}
      </p>
      {marked.audience && marked.audience.length > 0 ? <p className="board-row__facts">The file shares it with: {list(marked.audience)}. Choose below who receives it here.</p> : null}
      {i.indicators.some((x) => x.doNotBlock) ? <p className="do-not-block">{doNotBlock}</p> : null}
      {one.chosen && one.seq === null ? <FieldPatientData id={one.key} text={words} onText={() => onChange(withWords(i, (t) => redacted(t, nhsNumbers(t))))} /> : null}
      {one.problem === "" ? null : (
        <p className="nhsuk-error-message" role="alert">
          {one.problem}
        </p>
      )}
      {one.seq === null ? (
        <p className="list-of__acts">
          <Button kind="plain" onClick={onEdit}>
            Look at it and change it<span className="unseen">: {i.title}</span>
          </Button>
        </p>
      ) : null}
    </li>
  );
}

/** Shares them, once what reads as an NHS number in one of them has had its answer. */
function ShareButton({ busy, onShare, children }: { busy: boolean; onShare: () => void; children: ReactNode }) {
  const gate = usePatientDataGate();
  return (
    <Button busy={busy} onClick={() => gate(onShare)}>
      {children}
    </Button>
  );
}

/** Brings a file in: what it would become is shown, and shared only then, one or all. */
export function ImportDialog({ facts, preview, publish, onAsk, onEdit, onDone, onClose }: Props) {
  const [sending, setSending] = useState<{ name: string; part: number } | null>(null);
  const [problem, setProblem] = useState<{ name: string; said: string }>({ name: "", said: "" });
  const [got, setGot] = useState<(ImportPreview & { name: string }) | null>(null);
  const [all, setAll] = useState<readonly One[]>([]);
  const [limits, setLimits] = useState<Limits>(() => blankLimits(facts));
  const [sharing, setSharing] = useState<{ done: number; of: number } | null>(null);
  const [checking, setChecking] = useState<Checking | null>(null); // they wait for a look at who receives them
  /** The head up to which somebody was shown who receives what goes so, by what was asked: pressed again, it is the same command. */
  const shown = useRef(new Map<string, Seq>());
  /** What an attempt had been shown, where somebody had come in since. */
  const gained = useRef(new Map<string, Seq>());
  const stopped = useRef(false);
  const submit = useSubmit();

  const read = async (f: File, format: ImportFormat | "") => {
    setProblem({ name: "", said: "" });
    setSending({ name: f.name, part: 0 });
    try {
      const p = await preview(f, format === "" ? formatOf(f.name, await f.slice(0, head).text()) : format, (part) => setSending({ name: f.name, part }));
      setGot({ ...p, name: f.name });
      setAll(p.items.map((item) => ({ item, key: newKey(), chosen: true, seq: null, problem: "" })));
    } catch (e) {
      const told = shownProblem(e);
      setProblem({ name: f.name, said: told.detail }); // with the line, where it is the file that is wrong
    }
    setSending(null);
  };

  const share = async () => {
    const chosen = all.map((one, n) => ({ one, n })).filter(({ one }) => one.chosen && one.seq === null);
    const wrong = audienceProblem(limits.audience, limits.tlp === "TLP:RED", facts.you) ?? audienceTells(facts, limitsSent(limits, facts).audience, facts.you);
    const red = chosen.some(({ one }) => labelOf(one.item, limits) === "TLP:RED") && limits.tlp !== "TLP:RED";
    if (chosen.length === 0) return submit.refuse([{ name: "import", message: "Choose at least one." }]);
    if (wrong) return submit.refuse([{ name: "audience", message: wrong }]);
    if (red) return submit.refuse([{ name: "tlp", message: "One of these is TLP:RED and goes to named people only. Choose TLP:RED for all and name them, or share it by itself." }]);
    submit.clear();
    const look = lookAt(chosen);
    if (look) setChecking(look);
    else await send(chosen);
  };
  /** What of these nobody has been shown yet, once for each label and readers. */
  const lookAt = (chosen: Chosen): Checking | null => {
    const asks = new Map(chosen.map(({ one }) => askOf(draftOf(one.item, limits, facts))).map((ask) => [JSON.stringify(ask), ask]));
    const looks = [...asks].filter(([name]) => !shown.current.has(name)).map(([name, ask]) => {
      const since = gained.current.get(name);
      return { name, what: ask.tlp ?? "", ask: { ...ask, ...(since === undefined ? {} : { shown: since }) } };
    });
    return looks.length === 0 ? null : { chosen, looks };
  };

  const send = async (chosen: Chosen) => {
    stopped.current = false;
    setSharing({ done: 0, of: chosen.length });
    const made: Seq[] = [];
    let failed = 0;
    const gone = new Set<number>();
    for (const { one, n } of chosen) {
      if (stopped.current) break;
      try {
        const draft = draftOf(one.item, limits, facts);
        const name = JSON.stringify(askOf(draft));
        const seen = shown.current.get(name);
        const { seq } = await publish({ ...draft, ...(seen === undefined ? {} : { shown: seen }) }, one.key).catch((e: unknown) => {
          if (seen !== undefined && e instanceof ApiError && e.code === "gained") {
            shown.current.delete(name);
            gained.current.set(name, seen);
          }
          throw e;
        });
        made.push(seq);
        gone.add(n);
        setAll((was) => was.with(n, { ...one, seq, problem: "" }));
      } catch (e) {
        failed++;
        if (e instanceof ApiError && e.code === "gained") {
          // Those who came in are shown; the rest goes with the next press.
          setSharing(null);
          setChecking(lookAt(chosen.filter((c) => !gone.has(c.n))));
          return;
        }
        const told = shownProblem(e);
        setAll((was) => was.with(n, { ...one, problem: told.errors[0]?.message ?? told.detail }));
        if (told.fault === "offline" || told.fault === "too_many" || told.fault === "unavailable") break; // the rest would fail alike; pressed again, it goes on
      }
      setSharing({ done: made.length + failed, of: chosen.length });
    }
    setSharing(null);
    if (made.length > 0 && failed === 0 && !stopped.current) onDone(made);
  };

  const left = all.filter((x) => x.chosen && x.seq === null).length;
  return (
    <Dialog title="Bring in a file" wide kind="sheet" onClose={onClose}>
      {got === null ? (
        <Pick busy={sending !== null} part={sending?.part ?? 0} name={sending?.name ?? problem.name} problem={problem.said} onFile={(f, format) => void read(f, format)} />
      ) : (
        <>
          {checking ? (
            <Looks
              looks={checking.looks}
              me={facts.you}
              action={checking.chosen.length === 1 ? "Share it" : `Share all ${checking.chosen.length}`}
              onAsk={onAsk}
              onSend={async (heads) => {
                for (const [i, { name }] of checking.looks.entries()) if (heads[i] !== undefined) shown.current.set(name, heads[i]);
              }}
              onSent={() => {
                setChecking(null);
                void send(checking.chosen);
              }}
              onBack={() => setChecking(null)}
            />
          ) : null}
          <div hidden={checking !== null}>
          <p>
            {got.name}: {plural(all.length, "item")} understood{got.mapped.length > 0 ? ", some of it taken otherwise than written" : ""}
            {got.left.length > 0 ? ", some left out" : ""}. Nothing is shared yet.
          </p>
          <ErrorSummary problems={submit.problems} />
          <Notes title="Taken otherwise than it was written" notes={got.mapped} join=", taken as " hint="Labels of another version and the like. In doubt it is kept more closely." />
          <Notes title="Left out" notes={got.left} join=": " hint="What Wardroom has no place for. It stays in your file." />
          {all.length === 0 ? (
            <p className="notice">Nothing in this file can be shared here.</p>
          ) : (
            <>
              <h3 className="form-heading" id="import" tabIndex={-1}>
                What would be shared
              </h3>
              <ul>
                {all.map((one, n) => (
                  <Understood key={one.key} one={one} limits={limits} busy={sharing !== null} onChoose={(chosen) => setAll(all.with(n, { ...one, chosen }))} onChange={(item) => setAll((was) => was.with(n, { ...one, item: { ...one.item, item }, key: newKey() }))} onEdit={() => onEdit(writingOf(one.item.item, { ...limits, tlp: labelOf(one.item, limits), pap: one.item.pap ?? limits.pap, caveat: one.item.caveat ?? limits.caveat }))} />
                ))}
              </ul>
              <h3 className="form-heading">How far it may go</h3>
              <p className="field-note">For all of them. What the file marks more strictly stays so.</p>
              <LimitFields value={limits} onChange={setLimits} facts={facts} errorOf={submit.errorOf} />
            </>
          )}
          {sharing ? (
            <p role="status">
              Shared {sharing.done} of {sharing.of}
              <br />
              <progress className="progress" max={sharing.of} value={sharing.done} aria-label="Shared" />
            </p>
          ) : null}
          <div className="actions actions--stuck">
            {all.length > 0 ? (
              <ShareButton busy={sharing !== null} onShare={() => void share()}>
                {left === 0 ? "Share them" : left === 1 ? "Share it" : `Share all ${left}`}
              </ShareButton>
            ) : null}
            <Button
              kind="secondary"
              onClick={() => {
                if (sharing) stopped.current = true;
                else {
                  setGot(null);
                  setAll([]);
                }
              }}
            >
              {sharing ? "Stop here" : "Another file"}
            </Button>
          </div>
          </div>
        </>
      )}
    </Dialog>
  );
}
