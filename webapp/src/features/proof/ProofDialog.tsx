import { useCallback, useEffect, useId, useState } from "react";
import { grouped } from "../../proof/note";
import type { ProofCheck } from "../../proof/prover";
import type { EntryProof } from "../../protocol/proof";
import type { Instant, Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { dateAndSecond } from "../../ui/time";
import { plural } from "../../ui/words";
import { Fingerprint } from "./Fingerprint";
import { byName, holder, proofText, type About } from "./words";

type Checked = { proof: EntryProof; check: ProofCheck };
type Good = Extract<ProofCheck, { ok: true }>;

/** What the room's page knows of an entry. */
export type EntryShown = { recorded: Instant | null; how: "open" | "sealed" | "stub" | "unloaded" };

type Props = {
  seq: Seq;
  head: Seq;
  about: About;
  /** Entries under a seal by now: what had none may have one. */
  covered: number;
  shown: (seq: Seq) => EntryShown;
  load: (seq: Seq) => Promise<Checked>;
  onSeq: (seq: Seq) => void;
  onKeys: () => void;
  onClose: () => void;
};

const onScreen: Readonly<Record<EntryShown["how"], string>> = {
  open: "What you read under this number is what the log holds, to the letter.",
  sealed: "Its text is sealed here. What you see around it, who and when, is what the log holds.",
  stub: "It is not for you. This proves that it stands here, and tells nothing else of it.",
  unloaded: "It is not loaded on this page, so what you read under this number was not compared.",
};

function Path({ check }: { check: Good }) {
  return (
    <details className="proof__path">
      <summary>How it was checked, step by step</summary>
      <p>Every entry has a fingerprint. Two neighbouring ones together make another, and so on, until one fingerprint stands for all entries. That last one is what was signed. If a letter of any entry were different, it would be different.</p>
      <dl className="hashes">
        <div>
          <dt>Entry {check.seq}</dt>
          <dd>
            <Fingerprint small of={grouped(check.leafHash)} />
          </dd>
        </div>
        {check.steps.map((s, i) => (
          <div key={`${i} ${s.hash}`}>
            <dt>
              {i + 1}. with its neighbour on the {s.side}
            </dt>
            <dd>
              <Fingerprint small of={grouped(s.hash)} />
            </dd>
          </div>
        ))}
        <div>
          <dt>All {check.size}, as signed</dt>
          <dd>
            <Fingerprint small of={grouped(check.root)} />
          </dd>
        </div>
      </dl>
    </details>
  );
}

function Signers({ check, onKeys }: { check: Good; onKeys: () => void }) {
  return (
    <>
      {byName(check.by).map(({ name, keys }) => (
        <div key={name}>
          <dt>{name.endsWith("/witness") ? "Witnessed by" : "Signed by"}</dt>
          <dd>
            {holder(name)}
            <details>
              <summary>{plural(keys.length, "fingerprint")} to compare</summary>
              {keys.map((k) => (
                <p key={k.hash}>
                  <span className="quiet">{k.algorithm === "ML-DSA-44" ? "ML-DSA-44" : "Ed25519"}</span>
                  <Fingerprint of={k.fingerprint} />
                </p>
              ))}
              <Button kind="plain" onClick={onKeys}>
                All keys, and how to compare them
              </Button>
            </details>
          </dd>
        </div>
      ))}
      {check.cosigned ? null : (
        <div>
          <dt>Witnessed by</dt>
          <dd>Nobody yet</dd>
        </div>
      )}
    </>
  );
}

function Proved({ check, proof, shown, about, onKeys }: { check: Good; proof: EntryProof; shown: EntryShown; about: About; onKeys: () => void }) {
  const text = proofText(check, proof, about);
  const how = check.shown ? shown.how : "unloaded";
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const a = document.createElement("a");
    a.href = url;
    a.download = `${about.reference}-entry-${check.seq}-proof.txt`;
    a.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <p className="proof__verdict" role="status">
        <Icon name="check" size={20} />
        <span>
          <strong>Checked in this browser: entry {check.seq} stands in the sealed log.</strong> {onScreen[how]}
        </span>
      </p>
      <dl className="proof__facts">
        <div>
          <dt>Place</dt>
          <dd>
            Entry <span className="tabular">{check.seq}</span>; the seal covers all up to <span className="tabular">{check.size - 1}</span>
          </dd>
        </div>
        {shown.recorded ? (
          <div>
            <dt>Recorded</dt>
            <dd className="tabular">{dateAndSecond(shown.recorded)}, by the server’s clock</dd>
          </div>
        ) : null}
        {check.at ? (
          <div>
            <dt>No later than</dt>
            <dd className="tabular">
              {dateAndSecond(check.at)}, by {check.cosigned ? "the witness’s" : "the operator’s"} clock
            </dd>
          </div>
        ) : null}
        <Signers check={check} onKeys={onKeys} />
        <div>
          <dt>Compared</dt>
          <dd>{check.own ? "The same as the log this browser follows" : "Signatures and way are good; the comparison with the log this browser follows is under way"}</dd>
        </div>
      </dl>
      <p>
        <strong>What this proves:</strong> the entry stood here when the seal was made, and neither it nor anything before it was changed, added or removed since. <strong>What it does not:</strong> that what the entry says is true, or when it really happened.
        {check.cosigned ? "" : " Only the operator vouches for it so far: no witness has signed."}
      </p>
      <Path check={check} />
      <div className="actions">
        <CopyButton text={text} label="Copy the proof" />
        <Button kind="secondary" small onClick={save}>
          Save it as a file
        </Button>
      </div>
    </>
  );
}

/** The proof of one entry, checked here; from one entry to the next by button or number. */
export function ProofDialog({ seq, head, about, covered, shown, load, onSeq, onKeys, onClose }: Props) {
  const [answer, setAnswer] = useState<{ seq: Seq; checked: Checked | null; problem: string } | null>(null);
  const [typed, setTyped] = useState(String(seq));
  const [again, setAgain] = useState(0);
  const id = useId();
  const waiting = answer?.seq === seq && answer.checked === null && covered > seq; // a seal has come since
  const retry = useCallback(() => setAgain((n) => n + 1), []);
  useEffect(() => setTyped(String(seq)), [seq]);
  useEffect(() => {
    let live = true;
    load(seq).then(
      (checked) => live && setAnswer({ seq, checked, problem: "" }),
      (e: unknown) => live && setAnswer({ seq, checked: null, problem: shownProblem(e).detail }),
    );
    return () => {
      live = false;
    };
  }, [load, seq, again]);
  useEffect(() => {
    if (waiting) retry();
    // once for each seal that may bring it
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [covered]);
  const go = (n: number) => n >= 0 && n <= head && onSeq(n);
  const current = answer?.seq === seq ? answer : null;
  const check = current?.checked?.check;
  return (
    <Dialog title={`Proof of entry ${seq}`} onClose={onClose} wide>
      <form
        className="proof__which"
        onSubmit={(e) => {
          e.preventDefault();
          const n = Number(typed);
          if (/^\d+$/.test(typed.trim())) go(n);
        }}
      >
        <Button kind="secondary" small onClick={() => go(seq - 1)} disabled={seq <= 0}>
          Earlier<span className="unseen"> entry</span>
        </Button>
        <label htmlFor={id}>Entry</label>
        <input id={id} className="nhsuk-input nhsuk-input--width-4" inputMode="numeric" value={typed} onChange={(e) => setTyped(e.target.value)} />
        <Button kind="secondary" small type="submit">
          Show
        </Button>
        <Button kind="secondary" small onClick={() => go(seq + 1)} disabled={seq >= head}>
          Later<span className="unseen"> entry</span>
        </Button>
      </form>
      {current === null ? <Loading what="the proof" /> : null}
      {current?.problem ? <Failed title="There is no proof of this entry now" detail={current.problem} onRetry={retry} /> : null}
      {check && !check.ok ? <Failed title="The proof did not hold" detail={check.why} /> : null}
      {check?.ok && current?.checked ? <Proved check={check} proof={current.checked.proof} shown={shown(seq)} about={about} onKeys={onKeys} /> : null}
    </Dialog>
  );
}
