import { useCallback, useEffect, useState } from "react";
import type { ExportRow, Named, Redaction, Suggestion, Suggestions } from "../../protocol/exports";
import type { Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { FormButtons } from "../../ui/FormButtons";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { plural } from "../../ui/words";
import { useSeen } from "../../ui/useSeen";
import { slotNames, wordsOf } from "./words";

type Props = { home: string; head: Seq; row: ExportRow; grounds: readonly Named[]; load: (after: Seq) => Promise<Suggestions>; onRedact: (list: readonly Redaction[], seen: Seq) => Promise<unknown>; onClose: () => void };

const keyOf = (s: { entry: Seq; slot: number; field?: string }) => `${s.entry} ${s.slot} ${s.field ?? ""}`;
/** What the recipient is told; why it was found is for us. */
const reasonOf = (s: Suggestion): string => (s.ground === "foi_23" ? "It came from a body that deals with security matters" : s.spans.length > 0 ? "It reads as an NHS number" : "It was found by a search for what is usually left out");
const perRequest = 100; // the server's bound on one proposal

/** What the server finds that is usually left out: NHS numbers, and what came from a security body. Ticked; untick what may go out. */
export function SuggestionsDialog({ home, head, row, grounds, load, onRedact, onClose }: Props) {
  const [found, setFound] = useState<readonly Suggestion[] | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const submit = useSeen(head);
  const search = useCallback(async () => {
    setFailed(null);
    try {
      const all: Suggestion[] = [];
      let after = 0;
      do {
        const page = await load(after);
        all.push(...page.suggestions);
        after = page.next;
      } while (after !== 0);
      const there = new Set(row.redacted.flatMap((r) => [keyOf(r), keyOf({ entry: r.entry, slot: r.slot })]));
      setFound(all.filter((s) => !there.has(keyOf(s))));
    } catch (e) {
      setFailed(shownProblem(e).detail);
    }
    // What stands already is looked at once, when the search begins.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [load]);
  useEffect(() => void search(), [search]);
  const chosen = (found ?? []).filter((s) => !off.has(keyOf(s)));
  const save = async () => {
    const list = chosen.map((s): Redaction => ({ entry: s.entry, slot: s.slot, ...(s.spans.length > 0 ? { field: s.field, spans: s.spans } : {}), ground: s.ground, reason: reasonOf(s) }));
    // More than one request takes is left for another press: each is decided on what the screen shows by then.
    if (await submit.send((seen) => onRedact(list.slice(0, perRequest), seen))) onClose();
  };
  return (
    <Dialog title="What is usually left out" wide onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      {failed !== null ? <Failed title="The search did not end" detail={failed} onRetry={() => void search()} /> : found === null ? <Loading what="what might be left out" /> : null}
      {found?.length === 0 ? <p>Nothing more was found: no valid NHS number, and no entry of a security body, that is not left out already.</p> : null}
      {found !== null && found.length > 0 ? (
        <>
          <p className="quiet">Found just now in what you see. Read each before it goes: a search finds what looks like it, and not everything.</p>
          <div className="nhsuk-checkboxes nhsuk-checkboxes--small suggestions">
            {found.map((s) => {
              const k = keyOf(s);
              return (
                <div className="nhsuk-checkboxes__item" key={k}>
                  <input
                    className="nhsuk-checkboxes__input"
                    id={`s ${k}`}
                    type="checkbox"
                    checked={!off.has(k)}
                    onChange={(e) => {
                      const next = new Set(off);
                      if (e.target.checked) next.delete(k);
                      else next.add(k);
                      setOff(next);
                    }}
                  />
                  <label className="nhsuk-label nhsuk-checkboxes__label" htmlFor={`s ${k}`}>
                    Entry {s.entry}: {s.why.replace(/\.$/, "")}. {s.spans.length > 0 ? plural(s.spans.length, "place in the text", "places in the text") : `Whole: ${slotNames[s.slot] ?? ""}`}. <span className="quiet">{wordsOf(grounds, s.ground)}</span>
                  </label>
                  <a className="suggestions__look" href={`${home}/entries/${s.entry}`} target="_blank" rel="noreferrer">
                    Read entry {s.entry}<span className="unseen"> in a new tab</span>
                  </a>
                </div>
              );
            })}
          </div>
        </>
      ) : null}
      {found !== null && found.length > 0 ? (
        <FormButtons busy={submit.busy} onDo={() => (chosen.length === 0 ? onClose() : void save())} onCancel={onClose} stuck>
          {chosen.length === 0 ? "Leave nothing out" : chosen.length > perRequest ? `Leave out the first ${perRequest}` : `Leave out ${chosen.length}`}
        </FormButtons>
      ) : (
        <div className="actions">
          <Button kind="secondary" onClick={onClose}>
            Close
          </Button>
        </div>
      )}
    </Dialog>
  );
}
