import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { MessageDraft } from "../../protocol/rest";
import type { Facts, Instant, Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Icon } from "../../ui/Icon";
import { list } from "../../ui/words";
import { useSubmit } from "../../ui/useSubmit";
import { AudienceDialog, MoreDialog } from "./ComposerDialogs";
import { AnsweringBanner, CorrectingBanner } from "./Banners";
import { blank, messageOf, replying, writingOf, type Writing } from "./draft";
import { LabelSelect, audienceName } from "./LabelSelect";
import { VeilNote } from "./VeilNote";
import { MentionList } from "./MentionList";
import { leftOut, mentionsIn } from "./mentions";
import { useMentions } from "./useMentions";
import { may } from "../../room/may";
import { veilAmong, veils } from "../../room/veil";
import { audienceTells, mentionTells } from "../../room/roster";
import { audienceProblem } from "../../ui/AudiencePicker";

export type Answering = { seq: Seq; author: string; memberNo: number; excerpt: string; marking: Parameters<typeof replying>[2] };
export type Correcting = { seq: Seq; text: string };

type Props = {
  facts: Facts;
  /** What was kept for this room, once it is known. */
  kept: MessageDraft | null;
  answering: Answering | null;
  correcting: Correcting | null;
  /** A failed message taken back to be changed; a new object puts it in. */
  takenBack: MessageDraft | null;
  offline: boolean;
  /** What time it is in the room: by the exercise clock in an exercise. */
  now: () => Instant;
  onSend: (message: MessageDraft) => void;
  onCorrect: (seq: Seq, text: string, mentions: readonly number[]) => Promise<unknown>;
  onDraft: (draft: MessageDraft | null) => void;
  onTyping: () => void;
  /** The up arrow in an empty composer. */
  onEditLast: () => void;
  onCancel: () => void;
};

/** For how long others may go on being shown that somebody writes, in milliseconds; longer than the server keeps it. */
const writingShows = 10_000;

/** Where one writes. Enter sends; whatever goes wrong, the text stays. */
export function Composer(props: Props) {
  const { facts, kept, answering, correcting, takenBack, onDraft } = props;
  const [w, setW] = useState<Writing>(() => (kept ? writingOf(kept, facts) : blank(facts)));
  const [dialog, setDialog] = useState<"audience" | "more" | null>(null);
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const touched = useRef(kept !== null);
  const submit = useSubmit();
  const shownWriting = useRef(0); // when others were last told that this person is writing
  const before = useRef<Writing | null>(null); // what was being written when a correction began

  const change = (next: Writing) => {
    touched.current = true;
    setW(next);
    setProblem("");
    if (!correcting) onDraft(next.text.trim() === "" && next.replyTo === null ? null : messageOf(next, facts));
  };
  const mention = useMentions(field, w.text, (text) => change({ ...w, text }), facts.members, facts.you);

  // A kept draft arrives after the first paint; it never overwrites what is being typed.
  useEffect(() => {
    if (kept && !touched.current) {
      touched.current = true;
      setW(writingOf(kept, facts));
    }
  }, [kept, facts]);

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
    if (takenBack) {
      setW(writingOf(takenBack, facts));
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

  const send = () => {
    if (w.text.trim() === "") return;
    if (correcting) {
      void submit.run(() => props.onCorrect(correcting.seq, w.text.trim(), mentionsIn(w.text, facts.members))).then((done) => done && props.onCancel());
      return;
    }
    const wrong = audienceProblem(w.audience, red, facts.you) ?? audienceTells(facts, audience, facts.you);
    if (wrong) {
      setProblem(wrong);
      setDialog("audience");
      return;
    }
    if (told) return setProblem(told);
    if (w.veiled && red) return setProblem("TLP:RED goes to named people, who must know whom they hear from. Choose another label, or write it as yourself.");
    if (w.veiled && Date.now() - shownWriting.current < writingShows) return setProblem("You began this as yourself, and others may still be shown that you are writing. Send it in a few seconds.");
    props.onSend(messageOf(w, facts));
    onDraft(null);
    setW(blank(facts));
    if (answering) props.onCancel();
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
    } else if (e.key === "Escape" && (correcting || w.replyTo !== null)) {
      e.preventDefault();
      if (correcting) props.onCancel();
      else cancelReply();
    }
  };

  return (
    <form
      className={cx("composer", w.veiled && !correcting && "composer--veiled", red && !correcting && "composer--red", facts.room.mode === "exercise" && "composer--exercise")}
      aria-label={correcting ? `Correct entry ${correcting.seq}` : "Write to the room"}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      {correcting ? <CorrectingBanner seq={correcting.seq} onCancel={props.onCancel} /> : w.replyTo !== null ? <AnsweringBanner seq={w.replyTo} answering={answering?.seq === w.replyTo ? answering : null} onCancel={cancelReply} /> : null}
      {submit.problem ? (
        <p className="composer__problem" role="alert">
          {submit.problem.errors[0]?.message ?? submit.problem.detail}
        </p>
      ) : null}
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
      {w.veiled && !correcting ? <VeilNote facts={facts} /> : null}
      <div className="composer__field">
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
          onSelect={mention.onCaret}
          onKeyDown={onKeyDown}
        />
      </div>
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
        <Button type="submit" small busy={submit.busy} className="composer__send" aria-disabled={w.text.trim() === "" || undefined}>
          {correcting ? "Save correction" : props.offline ? "Queue" : "Send"}
        </Button>
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
