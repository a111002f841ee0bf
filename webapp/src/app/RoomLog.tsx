import { useCallback, useEffect, useMemo, useState } from "react";
import { Composer } from "../features/messages/Composer";
import { Pending } from "../features/messages/Pending";
import { Timeline } from "../features/timeline/Timeline";
import type { Quote } from "../protocol/intel";
import { memberCalled } from "../room/called";
import { roomTime } from "../room/clock";
import { may } from "../room/may";
import { quotedIn } from "../room/select";
import type { RoomStore, RoomView } from "../room/store";
import { Button } from "../ui/Button";
import { shownProblem } from "../ui/problem";
import { Empty, Failed, Loading } from "../ui/State";
import { list, plural } from "../ui/words";
import { useInside } from "./inside";
import type { useEntryActs } from "./useEntryActs";

type Props = { /** Nothing more can be written in this section. */ readOnly: boolean; store: RoomStore; view: RoomView; acts: ReturnType<typeof useEntryActs>; target: { seq: number } | null; arrived: number; offline: boolean; /** The timeline shows the record alone. */ recordOnly: boolean; onAll: () => void };

const nothing: readonly never[] = [];
const noRead = () => undefined; // between the record's entries are others that have not been read

function typingLine(view: RoomView): string {
  const { facts, presence } = view;
  if (!facts) return "";
  const names = presence.typing.filter((n) => n !== facts.you).map((n) => memberCalled(facts, n));
  if (names.length === 0) return "";
  return names.length > 3 ? `${plural(names.length, "person", "people")} are writing` : `${list(names)} ${names.length === 1 ? "is" : "are"} writing`;
}

/** The log and where one writes. */
export function RoomLog({ readOnly, store, view, acts, target, arrived, offline, recordOnly, onAll }: Props) {
  const { facts } = view;
  const { skew } = useInside();
  const [recordFailed, setRecordFailed] = useState<string | null>(null);
  const { epoch } = view;
  useEffect(() => {
    if (!recordOnly) return;
    setRecordFailed(null);
    store.loadRecord().catch((e: unknown) => setRecordFailed(shownProblem(e).detail));
  }, [recordOnly, store, epoch]);
  const record = recordOnly ? store.recordRows(view) : null;
  const { state } = view;
  const quoted = useCallback((q: Quote) => quotedIn(state, q), [state]);
  const extras = useMemo(
    () =>
      view.pending.map((p) => ({
        key: p.key,
        node: (
          <Pending
            message={p.message}
            written={p.message.occurred ?? (facts ? roomTime(facts, p.at + skew) : new Date(p.at + skew).toISOString())}
            label={p.message.tlp ?? facts?.room.tlp ?? "TLP:AMBER+STRICT"}
            state={p.state}
            problem={p.problem?.code ? p.problem.sentence : (p.problem?.fields[0]?.message ?? p.problem?.sentence ?? "")}
            code={p.problem?.code ?? ""}
            me={facts?.you ?? 0}
            host={facts?.members.find((m) => m.number === facts.you)?.host ?? false}
            offline={offline}
            onAsk={store.preflight}
            onResend={(message) => store.resend(p.key, message)}
            onRetry={() => store.retry(p.key)}
            onEdit={() => acts.setTakenBack(store.discard(p.key))}
            onDiscard={() => void store.discard(p.key)}
          />
        ),
      })),
    [view.pending, facts, offline, store, acts, skew],
  );
  if (!facts || !acts.context) return <Loading what="the room" />;
  const empty = !view.rows.some((r) => r.type !== "gap");
  if (empty && view.failure) return <Failed title="The log could not be loaded" detail={view.failure.message} onRetry={() => void store.loadOlder()} />;
  if (empty) return <Loading what="the log" />;
  const writing = typingLine(view);
  const noRecord = record !== null && !record.some((r) => r.type !== "gap");
  return (
    <>
      {record === null ? (
        <Timeline context={acts.context} rows={view.rows} extras={extras} head={view.seq} arrived={arrived} loading={view.loading} target={target} onFill={store.fill} onRead={store.markRead} />
      ) : (
        <>
          <p className="only-record">
            <span>The record only: severity, decisions, actions and logs.</span>
            <Button kind="plain" onClick={onAll}>
              Show everything
            </Button>
          </p>
          {noRecord && recordFailed !== null ? (
            <div className="timeline">
              <Failed title="The record could not be loaded" detail={recordFailed} onRetry={() => void store.loadRecord().then(() => setRecordFailed(null), () => undefined)} />
            </div>
          ) : noRecord && view.loading ? (
            <div className="timeline">
              <Loading what="the record" />
            </div>
          ) : noRecord ? (
            <div className="timeline">
              <Empty title="Nothing is in the record yet">
                <p>Assessments of severity, decisions, actions and loggists’ logs appear here.</p>
              </Empty>
            </div>
          ) : (
            <Timeline key="record" context={acts.context} rows={record} extras={nothing} head={view.seq} arrived={arrived} loading={view.loading} target={null} onFill={() => store.loadRecord()} onRead={noRead} />
          )}
        </>
      )}
      <p className="typing" aria-hidden={writing === "" || undefined}>
        {writing}
      </p>
      {readOnly ? (
        <p className="composer composer--none">Nothing more can be written in this section.</p>
      ) : may(facts, "post") ? (
        <Composer
          facts={facts}
          kept={view.draft}
          answering={acts.answering}
          correcting={acts.correcting}
          quoting={acts.quoting}
          quoted={quoted}
          takenBack={acts.takenBack}
          offline={offline}
          files={view.uploads}
          uploads={store.uploads}
          now={() => roomTime(facts, Date.now() + skew)}
          onSend={store.send}
          onAsk={store.preflight}
          onCorrect={store.correct}
          onDraft={store.saveDraft}
          onTyping={store.typing}
          onEditLast={acts.editLast}
          onCancel={acts.cancel}
        />
      ) : (
        <p className="composer composer--none">{facts.room.lifecycle === "closed" ? "This room is closed. Nothing more is written; the record stays readable." : "You are here to read. Your role does not write."}</p>
      )}
    </>
  );
}
