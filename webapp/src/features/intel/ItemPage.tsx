import { useState, type ReactNode } from "react";
import type { Indicator as Value } from "../../protocol/intel";
import type { Opens } from "../../protocol/rest";
import type { Facts, Marking, Seq } from "../../protocol/types";
import { byCalled, memberCalled, orgNamed } from "../../room/called";
import { type Item, itemState, keepers, wordsOn } from "../../room/item";
import { may } from "../../room/may";
import { isHost, you } from "../../room/select";
import { isInvented, overridesOf, type RoomObject } from "../../room/state";
import type { RoomStore } from "../../room/store";
import { Button } from "../../ui/Button";
import { defang, defangIn } from "../../ui/defang";
import { Icon } from "../../ui/Icon";
import { CopyAll, Defanged, Indicator } from "../../ui/Indicator";
import { doNotBlock, expiredLook, forMachines, mergedLook, recalledLook, sourceWords, toReviewLook } from "../../ui/intel";
import { Markdown } from "../../ui/Markdown";
import { Moment } from "../../ui/Moment";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { dateAndTime } from "../../ui/time";
import { overrideWords, plural } from "../../ui/words";
import { AskReleaseDialog, MergeDialog, RecallDialog, TearLineDialog } from "./Dialogs";
import { limitsOf, writingOf } from "./draft";
import type { Sharing } from "./ItemForm";
import { Receipts } from "./Receipts";
import { SightingDialog, Sightings, type Marking as SightingMarking } from "./Sightings";

const looks = { recalled: recalledLook, merged: mergedLook, expired: expiredLook, review: toReviewLook } as const;
const long = 300; // characters of text after which what must not be blocked is named before it
const many = 100; // indicators that are drawn before somebody asks for all

type Props = {
  facts: Facts;
  now: number;
  object: RoomObject;
  item: Item;
  /** Sightings, tear-lines, requests and decisions about it, and the originator's other items, as far as they are here. */
  about: { sightings: readonly RoomObject[]; tears: readonly RoomObject[]; requests: readonly RoomObject[]; decisions: readonly RoomObject[]; others: readonly RoomObject[] };
  acts: Pick<RoomStore, "preflight" | "recall" | "askRelease" | "mergeItem" | "addTearLine" | "markSighting">;
  /** What is attached to it. */
  attached: ReactNode;
  opens: () => Promise<Opens>;
  whom: (m: Marking) => string;
  onShare: (s: Sharing) => void;
  /** Tightens or widens it. */
  onMarking: (how: "tighten" | "widen") => void;
  onExport: () => void;
};
type Asking = "recall" | "release" | "merge" | "tear" | { sighting: SightingMarking } | null;

/** Everything there is about one piece of intelligence. */
export function ItemPage(p: Props) {
  const { facts, now, object, item, about, acts, whom } = p;
  const [asking, setAsking] = useState<Asking>(null);
  const [all, setAll] = useState(false);
  const [receipts, setReceipts] = useState(false);
  const { marking, root } = object;
  const refs = (item.now.refs ?? []).filter((r) => !forMachines.reference(r.name));
  const home = `/rooms/${facts.room.id}`;
  const href = (n: Seq) => `${home}/entries/${n}`;
  const state = itemState(object, now);
  const me = you(facts);
  const body = item.now;
  const keep = keepers(body.indicators);
  const sorted = [...keep, ...body.indicators.filter((i) => !i.doNotBlock)];
  const shown = all ? sorted : sorted.slice(0, many);
  const words = wordsOn(root, about.sightings);
  const mine = marking?.originator === me?.org;
  const seesOpens = mine || me?.role === "auditor" || me?.role === "lead" || me?.role === "deputy";
  const old = item.versions.slice(0, -1).toReversed();
  const close = () => setAsking(null);
  return (
    <article className="sheet" aria-labelledby="item-heading">
      <p className="sheet__kind">
        <Icon name="intel" size={18} /> Intelligence, entry <a href={href(root)}>{root}</a>
      </p>
      {state === "live" ? null : (
        <p className="sheet__states">
          <StateTag look={looks[state]} />
        </p>
      )}
      {marking ? <SheetLabel marking={marking} whom={whom(marking)} invented={isInvented(object)} /> : null}
      <h2 id="item-heading" className="sheet__title">
        {body.title}
      </h2>
      {object.recalled ? (
        <p className="notice notice--bad">
          <strong>Recalled</strong> by {byCalled(facts, object.recalled.by)}, {dateAndTime(object.recalled.at)}
          {object.recalled.reason === "" ? "" : `: ${object.recalled.reason}`}. Only {marking ? orgNamed(facts, marking.originator) : "its originator"} sees it now.
        </p>
      ) : null}
      {overridesOf(object).map((o) => (
        <p className="notice" key={o.seq}>
          {overrideWords(o.reason)} <span className="quiet">({memberCalled(facts, o.by.member ?? 0)})</span>
        </p>
      ))}
      {item.absorbed === null ? null : (
        <p className="notice">
          It turned out to be the same as another, and goes on in <a href={`${home}/intel/${item.absorbed}`}>entry {item.absorbed}</a>.
        </p>
      )}
      {body.caveats ? (
        <p className="notice">
          Its originator asks: <strong>{body.caveats}</strong>
        </p>
      ) : null}
      {keep.length > 1 || (keep.length === 1 && body.text.length > long) ? (
        <p className="do-not-block part">
          <Icon name="warning" size={20} />
          <span>
            <strong>{doNotBlock}</strong> {keep.length === 1 ? <Defanged indicator={keep[0] as Value} /> : `${keep.length} of the indicators below.`}
          </span>
        </p>
      ) : null}
      {body.text === "" ? null : (
        <div className="markdown part">
          <Markdown text={defangIn(body.text, body.indicators)} entryHref={href} live={false} />
        </div>
      )}

      {body.indicators.length > 0 ? (
        <section className="part" aria-labelledby="indicators-heading">
          <h3 id="indicators-heading">{plural(body.indicators.length, "indicator")}</h3>
          <p className="field-note">Shown and copied defanged, so that nothing is followed by mistake.</p>
          <CopyAll indicators={sorted} />
          <ul className="indicators item__part">
            {shown.map((i) => (
              <li key={`${i.kind} ${i.value}`}>
                <Indicator indicator={i} />
              </li>
            ))}
          </ul>
          {shown.length < body.indicators.length ? (
            <Button small kind="secondary" onClick={() => setAll(true)}>
              Show all {body.indicators.length.toLocaleString("en-GB")}
            </Button>
          ) : null}
        </section>
      ) : null}

      {p.attached}

      <section className="part" aria-labelledby="sources-heading">
        <h3 id="sources-heading">Where it comes from</h3>
        <ul>
          {item.sources.map((s, i) => (
            // Two sources may say the same; their place tells them apart.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={i}>
              {sourceWords(s)}
              {s.received ? <span className="quiet">, received {dateAndTime(s.received)}</span> : null}
            </li>
          ))}
        </ul>
        {item.merged.length > 0 ? (
          <p className="quiet">
            With the sources of{" "}
            {item.merged.map((m, i) => (
              <span key={m.seq}>
                {i > 0 ? ", " : ""}
                <a href={`${home}/intel/${m.other}`}>entry {m.other}</a>
              </span>
            ))}
            , which turned out to be the same.
          </p>
        ) : null}
      </section>

      {body.expires || body.review || refs.length > 0 ? (
        <dl className="sheet__facts part">
          {body.expires ? (
            <div>
              <dt>{state === "expired" ? "Expired" : "Expires"}</dt>
              <dd>{dateAndTime(body.expires)}</dd>
            </div>
          ) : null}
          {body.review ? (
            <div>
              <dt>Look at it again</dt>
              <dd>
                <Moment at={body.review} now={now} />
              </dd>
            </div>
          ) : null}
          {refs.length > 0 ? (
            <div>
              <dt>References outside</dt>
              <dd>
                <ul>
                  {refs.map((r) => (
                    <li key={`${r.name} ${r.url ?? ""}`}>
                      {r.name}
                      {r.url ? <> <code className="indicator__value">{defang("url", r.url)}</code></> : null}
                    </li>
                  ))}
                </ul>
              </dd>
            </div>
          ) : null}
        </dl>
      ) : null}

      {about.tears.map((o) =>
        o.record?.noun === "tearline" && o.marking ? (
          <section className="part" key={o.root} aria-label="Tear-line">
            <h3>Tear-line: what others may have of it</h3>
            <SheetLabel marking={o.marking} whom={whom(o.marking)} invented={isInvented(o)} />
            <div className="markdown">
              <Markdown text={o.record.text} entryHref={href} live={false} />
            </div>
            <p className="quiet">
              <a href={href(o.root)}>Entry {o.root}</a>
            </p>
          </section>
        ) : null,
      )}

      <Sightings facts={facts} now={now} words={words} indicators={body.indicators} mayMark={may(facts, "mark-sighting", object)} onMark={(m) => setAsking({ sighting: m })} />

      {about.requests.length > 0 ? (
        <section className="part" aria-labelledby="requests-heading">
          <h3 id="requests-heading">Asked to share it further</h3>
          <ul className="rows">
            {about.requests.map((o) =>
              o.record?.noun === "release" ? (
                <li key={o.root} className="row">
                  <span>
                    {byCalled(facts, o.by ?? {})}: {o.record.why}
                  </span>
                  <a href={href(o.root)}>{o.record.answered ? (o.record.answered.granted ? "Agreed" : "Refused") : "Not answered yet"}</a>
                </li>
              ) : null,
            )}
          </ul>
        </section>
      ) : null}

      {about.decisions.length > 0 ? (
        <section className="part" aria-labelledby="decisions-heading">
          <h3 id="decisions-heading">Decisions that rest on it</h3>
          <ul>
            {about.decisions.map((o) => (
              <li key={o.root}>
                <a href={`${home}/decisions/${o.root}`}>
                  {o.root}: {o.record?.noun === "decision" ? o.record.decision : "a decision"}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ) : null}

      {seesOpens ? (
        <section className="part" aria-labelledby="opens-heading">
          <h3 id="opens-heading">Who has it</h3>
          {receipts ? (
            <Receipts facts={facts} load={p.opens} sealed={marking?.tlp === "TLP:RED" || marking?.recorded === true} recalled={object.recalled !== null} />
          ) : (
            <Button small kind="secondary" onClick={() => setReceipts(true)}>
              Show who opened it and who took it away
            </Button>
          )}
        </section>
      ) : null}

      {old.length > 0 ? (
        <details className="fold part">
          <summary>Earlier wordings ({old.length})</summary>
          <div className="fold__body">
            {old.map((v) => (
              <div key={v.seq} className="entry__old">
                <p className="entry__old-head">
                  Until corrected, by {memberCalled(facts, v.by.member ?? 0)}, {dateAndTime(v.at)}:
                </p>
                <del>
                  <strong>{v.body.title}</strong>
                  <br />
                  {defangIn(v.body.text, v.body.indicators)}
                </del>
              </div>
            ))}
          </div>
        </details>
      ) : null}

      <div className="sheet__acts">
        {may(facts, "change-item", object) ? (
          <Button small kind="secondary" onClick={() => marking && p.onShare({ how: "correct", seq: root, from: writingOf({ ...body, sources: item.sources }, limitsOf(marking)) })}>
            Correct it
          </Button>
        ) : null}
        {may(facts, "widen", object) && !object.withheld ? (
          <Button small kind="secondary" onClick={() => p.onMarking("widen")}>
            Lower or widen
          </Button>
        ) : null}
        {may(facts, "tighten", object) && !object.withheld && !object.recalled ? (
          <Button small kind="secondary" onClick={() => p.onMarking("tighten")}>
            Tighten
          </Button>
        ) : null}
        {may(facts, "change-item", object) ? (
          <>
            <Button small kind="secondary" onClick={() => setAsking("tear")}>
              Add a tear-line
            </Button>
            <Button small kind="secondary" onClick={() => setAsking("merge")}>
              Merge another into it
            </Button>
          </>
        ) : null}
        {may(facts, "ask-release", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("release")}>
            Ask to share it further
          </Button>
        ) : null}
        {object.recalled || item.absorbed !== null || marking?.recorded || marking?.tlp === "TLP:RED" ? null : (
          <Button small kind="secondary" onClick={p.onExport}>
            Take a file away
          </Button>
        )}
        {may(facts, "recall", object) ? (
          <Button small kind="warning" onClick={() => setAsking("recall")}>
            Recall
          </Button>
        ) : null}
      </div>

      {asking === "recall" && marking ? <RecallDialog seq={root} marking={marking} facts={facts} recall={(reason, by) => acts.recall(root, reason, by)} opens={p.opens} onClose={close} /> : null}
      {asking === "release" && marking ? <AskReleaseDialog seq={root} marking={marking} facts={facts} onAsk={acts.askRelease} onClose={close} /> : null}
      {asking === "tear" ? <TearLineDialog seq={root} facts={facts} onAdd={acts.addTearLine} onAsk={acts.preflight} onClose={close} /> : null}
      {asking === "merge" ? (
        <MergeDialog seq={root} others={about.others.flatMap((o) => (o.root !== root && o.record?.noun === "item" && o.record.absorbed === null && !o.recalled && o.marking?.originator === marking?.originator ? [{ root: o.root, title: o.record.now.title }] : []))} onMerge={(other) => acts.mergeItem(root, other)} onClose={close} />
      ) : null}
      {asking !== null && typeof asking === "object" ? <SightingDialog seq={root} indicators={body.indicators} marking={asking.sighting} organisation={me?.orgName || "your organisation"} sealed={marking?.tlp === "TLP:RED" || marking?.recorded === true} host={isHost(facts)} onMark={(s) => acts.markSighting(root, s)} onClose={close} /> : null}
    </article>
  );
}
