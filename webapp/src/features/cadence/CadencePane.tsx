import { useState } from "react";
import type { Facts, Marking, Seq } from "../../protocol/types";
import { byCalled, memberCalled } from "../../room/called";
import { may } from "../../room/may";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { Button } from "../../ui/Button";
import { missedLook, rhythmTitle } from "../../ui/cadence";
import { Filters } from "../../ui/Filters";
import { Menu, type MenuItem } from "../../ui/Menu";
import { Icon } from "../../ui/Icon";
import { Said } from "../../ui/Said";
import { StateTag } from "../../ui/StateTag";
import { TlpTag } from "../../ui/TlpTag";
import { dateAndTime, shortMoment } from "../../ui/time";
import { list, plural } from "../../ui/words";
import { Earlier } from "../../ui/Earlier";
import { Beats } from "./CadenceFact";
import { type CadenceActs, CorrectSitrepDialog, IntervalsDialog, MeetingDialog, PutOffDialog, RequestUpdateDialog, SitrepDialog, SnoozeDialog, UpdateDialog } from "./CadenceForms";

export const cadenceBoards = [
  { value: "meeting", label: "Meetings" },
  { value: "sitrep", label: "SITREPs" },
  { value: "update", label: "Updates" },
  { value: "request", label: "Asked for" },
] as const;
export type CadenceBoard = (typeof cadenceBoards)[number]["value"];

/** Whether an object belongs on the board. */
export const onCadenceBoard = (board: CadenceBoard, o: RoomObject): boolean => o.record?.noun === board || (o.record?.noun === "missed" && o.record.what === board) || (o.sealed && o.kind.startsWith(board));

const none: Record<CadenceBoard, { title: string; text: string }> = {
  meeting: { title: "No meeting has been written down yet", text: "Write one down when it is over: who was there, what was said, and what came of it." },
  sitrep: { title: "No SITREP has been filed yet", text: "A situation report says how things are at a time." },
  update: { title: "No update has been given yet", text: "An update tells those whom the incident affects how things stand." },
  request: { title: "Nobody has asked for an update", text: "Anybody in the room can ask for one. The leads are told." },
};

/** One of a board, whole: there is no page behind it. */
function Row({ o, facts, now, whom, onCorrect }: { o: RoomObject; facts: Facts; now: number; whom: (m: Marking) => string; onCorrect: () => void }) {
  const home = `/rooms/${facts.room.id}`;
  const href = (n: number) => `${home}/entries/${n}`;
  const r = o.record;
  const time = (at: string) => <time dateTime={at} title={dateAndTime(at)}>{shortMoment(at, new Date(now))}</time>;
  const part = (title: string, text: string) =>
    text === "" ? null : (
      <div>
        <dt>{title}</dt>
        <dd>
          <Said text={text} entryHref={href} />
        </dd>
      </div>
    );
  const to = o.marking ? whom(o.marking) : "";
  return (
    <li className={r?.noun === "missed" ? "beat-row beat-row--missed" : "beat-row"}>
      <a className="beat-row__n tabular" href={href(o.root)} aria-label={`Entry ${o.root}`}>
        {o.root}
      </a>
      <div className="beat-row__main">
        {r?.noun === "missed" ? (
          <p className="beat-row__head">
            <StateTag look={missedLook} /> {rhythmTitle[r.what]} due at {time(r.due)}
          </p>
        ) : r?.noun === "meeting" ? (
          <>
            <p className="beat-row__head">
              <strong>{time(r.held)}</strong>, {r.place}
            </p>
            <p className="quiet">
              {r.members.length > 0 ? list(r.members.map((n) => memberCalled(facts, n))) : "Nobody of the room is named"}
              {r.others === "" ? "" : `; also ${r.others}`} · written down by {byCalled(facts, r.by)}
            </p>
            <p className="beat-row__text">
              <Said text={r.summary} entryHref={href} />
            </p>
            {r.cites.length > 0 ? (
              <p className="quiet">
                Came of it: {r.cites.map((n, i) => (
                  <span key={n}>
                    {i > 0 ? ", " : ""}
                    <a href={href(n)}>#{n}</a>
                  </span>
                ))}
              </p>
            ) : null}
          </>
        ) : r?.noun === "sitrep" ? (
          <>
            <p className="beat-row__head">
              As at <strong>{time(r.asAt)}</strong>, by {byCalled(facts, r.by)}
              {may(facts, "correct-sitrep", o) ? (
                <>
                  {" "}
                  <Button kind="plain" onClick={onCorrect}>
                    Correct<span className="unseen"> SITREP {o.root}</span>
                  </Button>
                </>
              ) : null}
            </p>
            <dl className="sheet__facts">
              {part("Situation", r.situation)}
              {part("Impact", r.impact)}
              {part("Actions", r.actions)}
              {part("Forecast", r.forecast)}
            </dl>
            <Earlier wordings={r.wordings} now={now} by={(b) => byCalled(facts, b)} entryHref={href} />
          </>
        ) : r?.noun === "update" ? (
          <>
            <p className="beat-row__head">
              <strong>{time(r.at)}</strong>, by {byCalled(facts, r.by)}
              {r.entry ? <> · said in <a href={href(r.entry)}>entry {r.entry}</a></> : null}
            </p>
            {r.text === "" ? null : (
              <p className="beat-row__text">
                <Said text={r.text} entryHref={href} />
              </p>
            )}
          </>
        ) : r?.noun === "request" ? (
          <>
            <p className="beat-row__head">
              <strong>{byCalled(facts, r.by)}</strong> asked at {time(r.at)}
              {facts.cadence.update.kept && facts.cadence.update.kept >= r.at ? <span className="quiet"> · an update was given since</span> : null}
            </p>
            {r.text === "" ? null : <p className="beat-row__text">{r.text}</p>}
          </>
        ) : (
          <p className="quiet">
            <Icon name="lock" size={14} /> Sealed. Open it in the log; opening it is recorded.
          </p>
        )}
        {o.marking ? (
          <p className="quiet">
            <TlpTag label={o.marking.tlp} /> {to}
          </p>
        ) : null}
      </div>
    </li>
  );
}

type Asking = "meeting" | "sitrep" | "update" | "putOff" | "snooze" | "request" | "intervals";
type Props = {
  facts: Facts; head: Seq; now: number; /** The server's time. */ serverNow: number; whom: (m: Marking) => string; objects: readonly RoomObject[]; board: BoardState; which: CadenceBoard; onWhich: (b: CadenceBoard) => void;
  acts: CadenceActs; onStepUp: () => void;
};

/** When the room meets, reports and tells, and every time it did or did not. */
export function CadencePane({ facts, head, now, serverNow, whom, objects, board, which, onWhich, acts, onStepUp }: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [correcting, setCorrecting] = useState<RoomObject | null>(null);
  const close = () => setAsking(null);
  const items: MenuItem[] = [];
  const offer = (act: "put-off-meeting" | "snooze-update" | "set-cadence", what: Asking, label: string, when: boolean) => {
    if (when && may(facts, act)) items.push({ key: what, label, onSelect: () => setAsking(what) });
  };
  offer("put-off-meeting", "putOff", "Put the next meeting off", facts.cadence.meeting.every > 0 && !facts.cadence.meeting.putOff);
  offer("snooze-update", "snooze", "Put the next update off", facts.cadence.update.every > 0 && facts.cadence.update.snoozed < 2);
  offer("set-cadence", "intervals", "Set how often", true);
  const form = { facts, head, now, acts, onClose: close };
  const done = (b: CadenceBoard) => () => {
    close();
    onWhich(b);
  };
  const asks = facts.cadence.update;
  return (
    <BoardFrame
      {...board}
      title="Meetings and SITREPs"
      count={objects.length}
      empty={none[which]}
      acts={
        <>
          {may(facts, "hold-meeting") ? (
            <Button small onClick={() => setAsking("meeting")}>
              Write down a meeting
            </Button>
          ) : null}
          {may(facts, "file-sitrep") ? (
            <Button small kind="secondary" onClick={() => setAsking("sitrep")}>
              File a SITREP
            </Button>
          ) : null}
          {may(facts, "give-update") ? (
            <Button small kind="secondary" onClick={() => setAsking("update")}>
              Give an update
            </Button>
          ) : null}
          {may(facts, "request-update") && !may(facts, "snooze-update") ? (
            <Button small kind="secondary" onClick={() => setAsking("request")}>
              Ask for an update
            </Button>
          ) : null}
          {items.length > 0 ? <Menu label="More about meetings and SITREPs" trigger={<Icon name="more" size={18} />} items={items} /> : null}
        </>
      }
      filters={
        <>
          <div className="cadence-now">
            <Beats facts={facts} now={serverNow} />
            {asks.snoozed > 0 ? <p className="fact__source">The next update was put off {asks.snoozed === 1 ? "once" : plural(asks.snoozed, "time")}.</p> : null}
          </div>
          <Filters label="What to show" value={which} choices={cadenceBoards} onChange={onWhich} />
        </>
      }
    >
      <ul className="beat-rows">
        {objects.map((o) => (
          <Row key={o.root} o={o} facts={facts} now={now} whom={whom} onCorrect={() => setCorrecting(o)} />
        ))}
      </ul>
      {asking === "meeting" ? <MeetingDialog {...form} onDone={done("meeting")} /> : null}
      {asking === "sitrep" ? <SitrepDialog {...form} onDone={done("sitrep")} /> : null}
      {correcting?.record?.noun === "sitrep" ? <CorrectSitrepDialog {...form} root={correcting.root} was={correcting.record} onDone={() => setCorrecting(null)} onClose={() => setCorrecting(null)} /> : null}
      {asking === "update" ? <UpdateDialog {...form} onDone={done("update")} /> : null}
      {asking === "putOff" ? <PutOffDialog {...form} serverNow={serverNow} /> : null}
      {asking === "snooze" ? <SnoozeDialog {...form} /> : null}
      {asking === "request" ? <RequestUpdateDialog {...form} /> : null}
      {asking === "intervals" ? (
        <IntervalsDialog
          {...form}
          onStepUp={() => {
            close();
            onStepUp();
          }}
        />
      ) : null}
    </BoardFrame>
  );
}
