import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { Quote } from "../../protocol/intel";
import type { MessageDraft, Overriding } from "../../protocol/rest";
import type { Facts, Instant, Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Icon } from "../../ui/Icon";
import { list } from "../../ui/words";
import { useSubmit } from "../../ui/useSubmit";
import { AudienceDialog, MoreDialog } from "./ComposerDialogs";
import { AnsweringBanner, CorrectingBanner, QuotedBanner } from "./Banners";
import { askOf, blank, messageOf, replying, sameAudience, writingOf, type Writing } from "./draft";
import { LabelSelect, audienceName } from "./LabelSelect";
import { VeilNote } from "./VeilNote";
import { MentionList } from "./MentionList";
import { leftOut, mentionsIn } from "./mentions";
import { useMentions } from "./useMentions";
import { isHost, type Quoted } from "../../room/select";
import { may } from "../../room/may";
import { veilAmong, veils } from "../../room/veil";
import { audienceTells, mentionTells } from "../../room/roster";
import type { Upload, Uploads } from "../../stream/uploads";
import { audienceProblem } from "../../ui/AudiencePicker";
import { filesTell } from "../../ui/files";
import { OverrideField } from "../../ui/Override";
import { PatientWarning, usePatientData } from "../../ui/PatientData";
import { PreflightPanel } from "../../ui/PreflightPanel";
import { UploadRows } from "../../ui/UploadRows";
import { useFileDrop } from "../../ui/useFileDrop";
import { type AskReceivers, needsPreflight, usePreflight } from "../../ui/usePreflight";

export type Answering = { seq: Seq; author: string; memberNo: number; excerpt: string; marking: Parameters<typeof replying>[2] };
export type Correcting = { seq: Seq; text: string };

type Props = {
  facts: Facts;
  /** What was kept for this room, once it is known. */
  kept: MessageDraft | null;
  answering: Answering | null;
  correcting: Correcting | null;
  /** Words of another entry to be quoted; a new object puts them in. */
  quoting: Quote | null;
  /** What a quote says, as far as its writer sees it. */
  quoted: (q: Quote) => Quoted;
  /** A failed message taken back to be changed; a new object puts it in. */
  takenBack: MessageDraft | null;
  offline: boolean;
  /** The files that the next message is to have; a new list whenever something of them changes. */
  files: readonly Upload[];
  uploads: Uploads;
  /** What time it is in the room: by the exercise clock in an exercise. */
  now: () => Instant;
  onSend: (message: MessageDraft) => void;
  /** Who would receive it. */
  onAsk: AskReceivers;
  onCorrect: (seq: Seq, text: string, mentions: readonly number[], by: Overriding) => Promise<unknown>;
  onDraft: (draft: MessageDraft | null) => void;
  onTyping: () => void;
  /** The up arrow in an empty composer. */
  onEditLast: () => void;
  onCancel: () => void;
};

const mostQuotes = 10;
/** For how long others may go on being shown that somebody writes, in milliseconds; longer than the server keeps it. */
const writingShows = 10_000;

/** Where one writes. Enter sends; whatever goes wrong, the text stays. */
export function Composer(props: Props) {
  const { facts, kept, answering, correcting, quoting, takenBack, onDraft, files, uploads } = props;
  const [w, setW] = useState<Writing>(() => (kept ? writingOf(kept, facts) : blank(facts)));
  const [dialog, setDialog] = useState<"audience" | "more" | null>(null);
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const touched = useRef(kept !== null);
  const restored = useRef(false); // what a kept draft had attached was taken up, once
  const submit = useSubmit();
  const shownWriting = useRef(0); // when others were last told that this person is writing
  const before = useRef<Writing | null>(null); // what was being written when a correction began
  const patient = usePatientData(w.text);
  const [warned, setWarned] = useState(false); // somebody tried to send it with what reads as an NHS number
  const warning = useRef<HTMLDivElement>(null);
  const [waiting, setChecking] = useState<MessageDraft | null>(null); // for a look at who receives it
  const checking = correcting ? null : waiting;
  const asked = useMemo(() => (checking ? askOf(checking) : null), [checking]);
  const preflight = usePreflight(props.onAsk, asked);

  const change = (next: Writing) => {
    touched.current = true;
    setW(next);
    setProblem("");
    setChecking(null);
    setWarned(false);
    if (!correcting) draft(next);
  };
  const draft = (of: Writing) => {
    const attached = uploads.attached();
    onDraft(of.text.trim() === "" && of.replyTo === null && of.quotes.length === 0 && attached.length === 0 ? null : messageOf(of, facts, attached));
  };
  const attach = (list: readonly File[]) => {
    touched.current = true;
    setProblem(uploads.add(list));
    field.current?.focus();
  };
  const dragging = useFileDrop(correcting === null, attach);
  // What is kept follows what has come of the files, not each part of them.
  const attachedNow = files.map((f) => `${f.id ?? ""} ${f.state === "whole"}`).join();
  const attachedBefore = useRef(attachedNow);
  useEffect(() => {
    if (attachedBefore.current === attachedNow) return;
    attachedBefore.current = attachedNow;
    setChecking(null); // it would go with other files than were looked at
    setProblem("");
    if (!correcting && touched.current) draft(w);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [attachedNow]);
  const mention = useMentions(field, w.text, (text) => change({ ...w, text }), facts.members, facts.you);

  // A kept draft arrives after the first paint; it never overwrites what is being typed.
  useEffect(() => {
    if (kept && !touched.current) {
      touched.current = true;
      setW(writingOf(kept, facts));
    }
    if (kept?.attachments && !restored.current) uploads.restore(kept.attachments);
    if (kept) restored.current = true;
  }, [kept, facts, uploads]);

  // Before anything more can be typed: what is written next must not go to more people than the entry it answers.
  useLayoutEffect(() => {
    if (answering) setW((now) => replying(now, answering.seq, answering.marking, answering.memberNo, facts.you));
    // Only when another entry is answered: the facts may change while one writes.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [answering]);
  // After the menu it was chosen from has let go of the focus.
  useEffect(() => {
    if (answering) field.current?.focus();
  }, [answering]);

  useEffect(() => {
    if (correcting) {
      setW((now) => {
        before.current ??= now;
        return { ...now, text: correcting.text };
      });
      field.current?.focus();
    } else if (before.current) {
      setW(before.current);
      before.current = null;
    }
  }, [correcting]);

  useEffect(() => {
    if (!quoting) return;
    touched.current = true;
    setW((now) => ({ ...now, quotes: [...now.quotes.filter((q) => q.entry !== quoting.entry || q.from !== quoting.from || q.to !== quoting.to), quoting].slice(0, mostQuotes) }));
    field.current?.focus();
  }, [quoting]);

  useEffect(() => {
    if (takenBack) {
      setW(writingOf(takenBack, facts));
      if (takenBack.attachments) uploads.restore(takenBack.attachments);
      field.current?.focus();
    }
    // Once for each message taken back.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [takenBack]);

  // Grows with its text, up to a third of the screen.
  useLayoutEffect(() => {
    const el = field.current;
    if (!el) return;
    el.style.height = "auto";
    el.style.height = `${Math.min(el.scrollHeight + 2, window.innerHeight / 3)}px`;
  }, [w.text]);

  const red = w.tlp === "TLP:RED";
  const audience = useMemo(() => messageOf(w, facts).audience ?? { kind: "room" as const }, [w, facts]);
  const mentioned = mentionsIn(w.text, facts.members);
  const missed = w.veiled ? [] : leftOut(mentioned, audience, facts.members);
  const told = correcting || w.veiled ? null : mentionTells(facts, audience, facts.you, mentioned);

  const nothing = w.text.trim() === "" && (correcting !== null || (files.length === 0 && w.quotes.length === 0));
  const send = (asItIs = false) => {
    if (nothing) return;
    if (patient.found.length > 0 && !asItIs) {
      setWarned(true);
      warning.current?.querySelector("button")?.focus();
      return;
    }
    if (correcting) {
      void submit.run(() => props.onCorrect(correcting.seq, w.text.trim(), mentionsIn(w.text, facts.members), submit.overriding())).then((done) => done && props.onCancel());
      return;
    }
    if (checking) return sendShown();
    const wrong = audienceProblem(w.audience, red, facts.you) ?? audienceTells(facts, audience, facts.you);
    if (wrong) {
      setProblem(wrong);
      setDialog("audience");
      return;
    }
    if (told) return setProblem(told);
    if (w.veiled && red) return setProblem("TLP:RED goes to named people, who must know whom they hear from. Choose another label, or write it as yourself.");
    if (w.veiled && (files.length > 0 || w.quotes.length > 0)) return setProblem("A veiled message carries no files and quotes nothing: they may tell who you are. Remove them, or write it as yourself.");
    if (w.veiled && Date.now() - shownWriting.current < writingShows) return setProblem("You began this as yourself, and others may still be shown that you are writing. Send it in a few seconds.");
    const late = filesTell(files, "message");
    if (late !== "") return setProblem(late);
    const message = messageOf(w, facts, uploads.attached());
    // A reply goes where its parent went: that was nobody's choice, and it is sent at once.
    const inherits = answering !== null && w.replyTo === answering.seq && sameAudience(message.audience, messageOf(replying(w, answering.seq, answering.marking, answering.memberNo, facts.you), facts).audience);
    if (message.tlp === "TLP:RED" || (!inherits && needsPreflight(message.tlp, message.audience))) setChecking(message);
    else post(message);
  };
  const post = (message: MessageDraft) => {
    setChecking(null);
    uploads.clear();
    setProblem("");
    props.onSend(message);
    onDraft(null);
    setW(blank(facts));
    if (answering) props.onCancel();
    field.current?.focus();
  };

  /** As it was shown; nothing while that is still being looked up. */
  const sendShown = () => {
    if (checking && preflight.shown) post({ ...checking, shown: preflight.shown.head });
  };
  const goBack = () => {
    setChecking(null);
    field.current?.focus();
  };
  const veil = () => {
    const among = veils(facts);
    if (!w.veiled && among !== null && among < veilAmong) {
      return setProblem(`Fewer than ${veilAmong} organisations of your type are here, so readers could tell that it was you. Write to the hosts alone instead.`);
    }
    change({ ...w, veiled: !w.veiled });
    field.current?.focus();
  };

  const cancelReply = () => {
    change({ ...blank(facts), text: w.text, veiled: w.veiled });
    props.onCancel();
    field.current?.focus();
  };

  const onKeyDown = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    if (e.nativeEvent.isComposing || mention.onKey(e)) return;
    if (e.key === "Enter" && !e.shiftKey && !e.altKey) {
      e.preventDefault();
      send();
    } else if (e.key === "ArrowUp" && w.text === "" && !correcting) {
      e.preventDefault();
      props.onEditLast();
    } else if (e.key === "Escape" && !checking && (correcting || w.replyTo !== null)) {
      e.preventDefault();
      if (correcting) props.onCancel();
      else cancelReply();
    } else if (e.key === "Escape" && checking) {
      e.preventDefault();
      goBack();
    }
  };

  return (
    <form
      className={cx("composer", dragging && "composer--drop", w.veiled && !correcting && "composer--veiled", red && !correcting && "composer--red", facts.room.mode === "exercise" && "composer--exercise")}
      aria-label={correcting ? `Correct entry ${correcting.seq}` : "Write to the room"}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      {correcting ? <CorrectingBanner seq={correcting.seq} onCancel={props.onCancel} /> : w.replyTo !== null ? <AnsweringBanner seq={w.replyTo} answering={answering?.seq === w.replyTo ? answering : null} onCancel={cancelReply} /> : null}
      {correcting ? null : w.quotes.map((q) => <QuotedBanner key={`${q.entry} ${q.from} ${q.to}`} quoted={props.quoted(q)} onRemove={() => change({ ...w, quotes: w.quotes.filter((x) => x !== q) })} />)}
      {submit.problem ? (
        <p className="composer__problem" role="alert">
          {submit.problem.code ? submit.problem.detail : (submit.problem.errors[0]?.message ?? submit.problem.detail)}
        </p>
      ) : null}
      {submit.problem?.code === "protective_marking" && isHost(facts) ? <OverrideField action="Save it with this reason" busy={submit.busy} onOverride={(reason) => submit.overrule(reason, () => send(true))} /> : null}
      <PatientWarning
        data={patient}
        urgent={warned}
        box={warning}
        onRemove={() => {
          change({ ...w, text: patient.without });
          field.current?.focus();
        }}
        keep="It is not one: send as it is"
        onKeep={() => {
          patient.keep();
          send(true);
        }}
      />
      {problem !== "" && dialog === null ? (
        <p className="composer__problem" role="alert">
          {problem}
        </p>
      ) : null}
      {told && problem === "" ? <p className="composer__warning">{told}</p> : null}
      {missed.length > 0 && !correcting ? (
        <p className="composer__warning">
          {list(missed.map((m) => m.name))} will not receive this and will not be told.
        </p>
      ) : null}
      {checking ? (
        <PreflightPanel
          preflight={preflight}
          me={facts.you}
          action="Send"
          onBack={goBack}
          onSend={sendShown}
        />
      ) : null}
      {w.veiled && !correcting ? <VeilNote facts={facts} /> : null}
      <div className="composer__field">
        {dragging ? <p className="composer__drop">Drop files to attach them</p> : null}
        {mention.open ? <MentionList id={mention.id} people={mention.people} active={mention.index} onPick={mention.pick} /> : null}
        <textarea
          ref={field}
          rows={1}
          aria-label={correcting ? `Corrected text of entry ${correcting.seq}` : facts.room.mode === "exercise" ? "Message (exercise)" : "Message"}
          aria-autocomplete="list"
          aria-controls={mention.open ? mention.id : undefined}
          aria-activedescendant={mention.activeId}
          placeholder={correcting ? "" : facts.room.cell ? "Write to the side room" : facts.room.mode === "exercise" ? "Write to the exercise" : "Write to the room"}
          value={w.text}
          maxLength={16_000}
          onChange={(e) => {
            change({ ...w, text: e.target.value });
            mention.onCaret();
            if (e.target.value !== "" && !correcting && !w.veiled) {
              shownWriting.current = Date.now();
              props.onTyping();
            }
          }}
          onPaste={(e) => {
            const list = [...e.clipboardData.files];
            if (list.length === 0 || correcting) return;
            e.preventDefault();
            attach(list);
          }}
          onSelect={mention.onCaret}
          onKeyDown={onKeyDown}
        />
        {correcting ? null : (
          <>
            <button type="button" className="icon-button composer__attach" onClick={() => picker.current?.click()} aria-label="Attach files" title="Attach files">
              <Icon name="attach" size={20} />
            </button>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              aria-label="Files to attach"
              onChange={(e) => {
                attach([...(e.target.files ?? [])]);
                e.target.value = ""; // the same file may be picked again
              }}
            />
          </>
        )}
      </div>
      {correcting ? null : <UploadRows files={files} uploads={uploads} onProblem={setProblem} />}
      <div className="composer__row">
        {correcting ? (
          <span className="composer__hint">Label and audience stay as they are.</span>
        ) : (
          <>
            <LabelSelect value={w.tlp} onChange={(tlp) => change({ ...w, tlp })} />
            {w.veiled ? null : (
              <button type="button" className="composer__chip" onClick={() => setDialog("audience")}>
                <span className="unseen">Audience: </span>
                <span className="composer__chip-text">
                  <span className="composer__chip-to">To </span>
                  {audienceName(audience, facts)}
                </span>
                <Icon name="down" size={14} />
              </button>
            )}
            {may(facts, "post-veiled") ? (
              <button type="button" className={cx("composer__chip", w.veiled && "composer__chip--on")} aria-pressed={w.veiled} onClick={veil}>
                <Icon name="lock" size={14} /> <span>{w.veiled ? "Veiled" : "Veil"}</span>
                <span className="unseen">: do not say who I am</span>
              </button>
            ) : null}
            <button type="button" className="composer__chip composer__chip--more" onClick={() => setDialog("more")} aria-label="More: when it happened, permitted actions, caveat">
              <Icon name="more" size={18} />
              {w.pap || w.caveat || w.occurred ? <span className="composer__set">set</span> : null}
            </button>
            <span className="composer__hint composer__hint--keys">Enter sends, Shift+Enter makes a new line</span>
          </>
        )}
        {checking ? null : (
          <Button type="submit" small busy={submit.busy} className="composer__send" aria-disabled={nothing || undefined}>
            {correcting ? "Save correction" : props.offline ? "Queue" : "Send"}
          </Button>
        )}
      </div>
      {dialog === "audience" ? (
        <AudienceDialog
          facts={facts}
          value={w.audience}
          red={red}
          error={problem}
          onClose={() => setDialog(null)}
          onChoose={(a) => {
            change({ ...w, audience: a });
            setDialog(null);
            field.current?.focus();
          }}
        />
      ) : null}
      {dialog === "more" ? <MoreDialog writing={w} now={props.now} exercise={facts.room.clock !== null} onClose={() => setDialog(null)} onChange={(next) => { change(next); setDialog(null); }} /> : null}
    </form>
  );
}
