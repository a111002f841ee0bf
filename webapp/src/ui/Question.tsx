import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Overriding } from "../protocol/rest";
import type { Seq } from "../protocol/types";
import { Dialog } from "./Dialog";
import { TextArea, TextField } from "./Field";
import { FormButtons } from "./FormButtons";
import { FormProblems } from "./FormProblems";
import { type Look, Looks } from "./Looks";
import { shownProblem, type ShownProblem } from "./problem";
import type { AskReceivers } from "./usePreflight";
import { useSeen } from "./useSeen";
import type { Submit } from "./useSubmit";

/** What goes with an answer besides what the form holds. */
export type Answered = {
  /** The reason, trimmed; "" where none was asked or given. */
  reason: string;
  /** The last entry on the screen when it was answered. */
  seen: Seq;
  /** What was shown of who receives it, and a host's reason for a protective marking: to be sent as they are. */
  sent: Overriding & { readonly shown?: Seq };
};

type Why = {
  label?: ReactNode;
  hint?: ReactNode;
  /** What is said where it is left empty; absent: it may be. */
  missing?: string;
  /** Its name in the request. */
  name?: string;
  max?: number;
  rows?: number;
  /** One line. */
  line?: boolean;
};

type Props<R> = {
  title: ReactNode;
  wide?: boolean;
  kind?: "sheet";
  /** What the button says. */
  action: string;
  /** What is done is hard to take back. */
  warning?: boolean;
  /** The question, and its fields; errorOf: the sentence for one field, by its name in the request. */
  children?: ReactNode | ((errorOf: Submit["errorOf"]) => ReactNode);
  /** Asks for a reason after the other fields. */
  reason?: Why;
  /** Fields that follow the reason: what can be left empty stands last. */
  after?: (errorOf: Submit["errorOf"]) => ReactNode;
  /** Nothing can be done as things stand: only why is shown. */
  idle?: boolean;
  /** The log's head, where what is answered may change meanwhile. */
  head?: Seq;
  /** A host, who may overrule a protective marking with a reason. */
  host?: boolean;
  /** What is wrong with the fields; nothing is sent while there is something. */
  check?: () => readonly ({ name: string; message: string } | null)[];
  /** Who receives what is about to be sent, to be shown first; null if it goes to nobody in particular. */
  look?: () => Look | null;
  me?: number;
  onAsk?: AskReceivers;
  onDo: (answer: Answered) => Promise<R>;
  /** After it is done, with what came of it; absent: it closes. */
  onDone?: (result: R) => void;
  onRefused?: (problem: ShownProblem) => void;
  onClose: () => void;
};

/**
 * A question in a dialog: what is asked, perhaps with fields and a reason,
 * and what is done about it. It stays open and says why when that fails. What
 * goes to chosen people shows first who they are; going back loses nothing.
 */
export function Question<R>(p: Props<R>) {
  const submit = useSeen(p.head ?? 0);
  const [reason, setReason] = useState("");
  const [looks, setLooks] = useState<readonly Look[] | null>(null); // waits for a look at who receives it
  const form = useRef<HTMLDivElement>(null);
  const back = useRef(false);
  useEffect(() => {
    if (looks === null && back.current) form.current?.querySelector<HTMLElement>(".actions button")?.focus();
    back.current = false;
  }, [looks]);
  const { reason: why } = p;
  const whyName = why?.name ?? "reason";

  const result = useRef<{ readonly of: R } | null>(null);
  const answer = async (seen: Seq, shown?: Seq) => {
    result.current = { of: await p.onDo({ reason: reason.trim(), seen, sent: { ...submit.overriding(), ...(shown === undefined ? {} : { shown }) } }) };
  };
  const done = () => {
    if (p.onDone && result.current) p.onDone(result.current.of);
    else p.onClose();
  };
  const go = async () => {
    const wrong = [...(p.check?.() ?? []), why?.missing !== undefined && reason.trim() === "" ? { name: whyName, message: why.missing } : null].filter((x) => x !== null);
    if (wrong.length > 0) {
      submit.refuse(wrong);
      return;
    }
    const look = p.look?.() ?? null;
    if (look) setLooks([look]);
    else if (await submit.send(refusable((seen) => answer(seen)))) done();
  };
  const refusable = (action: (seen: Seq) => Promise<unknown>) => (seen: Seq) =>
    action(seen).catch((e: unknown) => {
      p.onRefused?.(shownProblem(e));
      throw e;
    });

  return (
    <Dialog title={p.title} wide={p.wide ?? false} kind={p.kind} onClose={p.onClose}>
      {looks && p.onAsk && p.me !== undefined ? (
        <>
          {looks.map((l) => (l.what === "" ? null : <p key={l.what}>{l.what}</p>))}
          <Looks
            looks={looks}
            me={p.me}
            action={p.action}
            onAsk={p.onAsk}
            onSend={([shown]) => answer(submit.seen, shown)}
            onSent={done}
            onRefused={(e) => {
              setLooks(null);
              void submit.send(refusable(() => Promise.reject(e)));
            }}
            onBack={() => {
              back.current = true;
              void submit.run(() => Promise.resolve()); // a reason to overrule a marking was for what was about to be sent
              setLooks(null);
            }}
          />
        </>
      ) : null}
      <div ref={form} hidden={looks !== null}>
        <FormProblems submit={submit} host={p.host ?? false} onAgain={() => void go()} />
        {typeof p.children === "function" ? p.children(submit.errorOf) : p.children}
        {why ? <Reason why={why} name={whyName} error={submit.errorOf(whyName)} value={reason} onChange={setReason} /> : null}
        {p.after?.(submit.errorOf)}
        {p.idle ? null : (
          <FormButtons stuck={p.kind === "sheet"} kind={p.warning ? "warning" : "primary"} busy={submit.busy} onDo={() => void go()} onCancel={p.onClose}>
            {p.action}
          </FormButtons>
        )}
      </div>
    </Dialog>
  );
}

function Reason({ why, name, error, value, onChange }: { why: Why; name: string; error: string | undefined; value: string; onChange: (next: string) => void }) {
  const label = why.label ?? "Reason";
  const shared = {
    id: name,
    label: why.missing === undefined ? <>{label} <span className="optional">(can be left empty)</span></> : label,
    hint: why.hint,
    maxLength: why.max ?? 1000,
    error,
    value,
  };
  return why.line ? <TextField {...shared} prose onChange={(e) => onChange(e.target.value)} /> : <TextArea {...shared} rows={why.rows ?? 3} onChange={(e) => onChange(e.target.value)} />;
}
