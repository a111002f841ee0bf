import { useEffect, useId, useRef, type KeyboardEvent } from "react";
import type { Preflight, Receiver } from "../protocol/rest";
import { Button } from "./Button";
import { cx } from "./cx";
import { roleName } from "./names";
import type { PreflightState } from "./usePreflight";
import { count, list, plural } from "./words";

type Props = {
  preflight: PreflightState;
  /** The reader, who is not counted among those who receive it. */
  me: number;
  /** What the button says: Send, Widen, Publish … */
  action: string;
  onSend: () => void;
  /** Back to writing; nothing is lost. */
  onBack: () => void;
  /** Whether it takes the focus, so that Enter sends. Not while somebody writes on elsewhere. */
  takesFocus?: boolean;
};

type Group = { org: string; name: string; supplier: boolean; whole: boolean; people: readonly Receiver[] };

/** Those who receive it, by organisation; who came in since, and who is new, first. */
function groupsOf(p: Preflight, me: number): Group[] {
  const weight = (r: Receiver) => (r.gained ? 0 : r.already ? 3 : r.joined10 ? 1 : 2);
  const groups = p.organisations.map((o) => ({
    org: o.org,
    name: o.orgName || o.org,
    supplier: o.supplier,
    whole: o.whole,
    people: p.members.filter((m) => m.org === o.org && m.number !== me).toSorted((a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name)),
  }));
  const first = (g: Group) => Math.min(4, ...g.people.map(weight));
  const mine = p.members.find((m) => m.number === me)?.org;
  return groups.filter((g) => g.people.length > 0 || (g.whole && g.org !== mine)).toSorted((a, b) => first(a) - first(b) || a.name.localeCompare(b.name));
}

/** How many receive it, in one sentence: people, and machines that read for somebody. */
export const receiving = (p: Preflight, me: number): string => {
  const machines = (p.feeds ?? []).filter((f) => !f.already).length;
  return machines === 0 ? peopleReceiving(p, me) : `${peopleReceiving(p, me)}; ${plural(machines, "machine is", "machines are")} given it`;
};

const peopleReceiving = (p: Preflight, me: number): string => {
  const others = p.members.filter((m) => m.number !== me);
  const people = others.filter((m) => !m.already);
  const orgs = new Set(people.map((m) => m.org)).size;
  const already = others.length - people.length;
  if (already > 0) {
    const have = `${plural(already, "person has", "people have")} it already`;
    return people.length === 0 ? `Nobody gains sight of this; ${have}` : `${plural(people.length, "person", "people")} in ${plural(orgs, "organisation")} ${people.length === 1 ? "gains" : "gain"} sight of this; ${have}`;
  }
  if (people.length === 0) return p.unnamed ? "People this room does not name to you receive this" : "Nobody but you receives this now";
  return `${plural(people.length, "person", "people")} in ${plural(orgs, "organisation")} ${people.length === 1 ? "receives" : "receive"} this`;
};

function Person({ p }: { p: Receiver }) {
  return (
    <li className={cx("preflight__person", ((p.joined10 && !p.already) || p.gained) && "preflight__person--new")}>
      <span>{p.name || `M-${p.number}`}</span> <span className="quiet">{roleName[p.role]}</span>
      {" "}
      {p.already ? <span className="quiet">· has it already</span> : null}
      {p.gained ? <strong className="preflight__flag">Came in since you looked</strong> : p.joined10 && !p.already ? <strong className="preflight__flag">Joined in the last 10 minutes</strong> : null}
    </li>
  );
}

/** That a supplier is among them, unmistakably. */
export function Suppliers({ shown }: { shown: Preflight }) {
  const n = new Set(shown.organisations.filter((o) => o.supplier && (o.people > 0 || o.whole)).map((o) => o.orgName || o.org)).size;
  return n === 0 ? null : <strong className="preflight__flag preflight__flag--supplier">{n === 1 ? "Goes to a supplier" : `Goes to ${count(n)} suppliers`}</strong>;
}

/** Who exactly they are, by organisation. */
export function Receivers({ shown, me }: { shown: Preflight; me: number }) {
  const id = useId();
  const feeds = shown.feeds ?? [];
  return (
    <>
      {shown.unnamed ? <p className="preflight__unnamed">Others may receive it too: this room does not name every guest to you.</p> : null}
      <div className="preflight__list" tabIndex={-1}>
        {groupsOf(shown, me).map((g) => (
          <div key={g.org} className={cx("preflight__org", g.supplier && "preflight__org--supplier")}>
            <p className="preflight__name" id={`${id}-${g.org}`}>
              {g.name} {g.supplier ? <strong className="preflight__flag preflight__flag--supplier">Supplier</strong> : null}
            </p>
            {g.whole ? <p className="quiet">{g.people.length === 0 ? "Nobody of theirs is here now. Later joiners receive it, if they may see earlier entries" : "and later joiners, if they may see earlier entries"}</p> : null}
            <ul aria-labelledby={`${id}-${g.org}`}>
              {g.people.map((p) => (
                <Person key={p.number} p={p} />
              ))}
            </ul>
          </div>
        ))}
        {feeds.length > 0 ? (
          <div className="preflight__org">
            <p className="preflight__name" id={`${id}-feeds`}>
              Machines, by TAXII
            </p>
            <ul aria-labelledby={`${id}-feeds`}>
              {feeds.map((f) => (
                <li key={f.feed} className={cx("preflight__person", f.gained && "preflight__person--new")}>
                  <span>{f.name || "A machine"}</span> <span className="quiet">{f.orgName || f.org}</span>{" "}
                  {f.already ? <span className="quiet">· is given it already</span> : null}
                  {f.gained ? <strong className="preflight__flag">Let in since you looked</strong> : null}
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
    </>
  );
}

/** Who exactly will receive what is about to be sent. Enter sends it. */
export function PreflightPanel({ preflight, me, action, onSend, onBack, takesFocus = true }: Props) {
  const { shown, problem, gained, busy } = preflight;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const head = shown?.head;
  useEffect(() => {
    if (takesFocus && head !== undefined) box.current?.querySelector<HTMLButtonElement>("button")?.focus();
  }, [takesFocus, head]);
  const back = (e: KeyboardEvent) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    e.stopPropagation();
    onBack();
  };
  const fresh = shown?.members.filter((m) => m.gained && m.number !== me) ?? [];
  const freshFeeds = shown?.feeds?.filter((f) => f.gained) ?? [];
  return (
    <div
      className={cx("preflight", gained && "preflight--gained")}
      role="group"
      aria-labelledby={`${id}-head`}
      ref={box}
    >
      {gained && fresh.length + freshFeeds.length > 0 ? (
        <p className="preflight__gained" role="alert">
          Not sent: since you looked, {list([...freshFeeds.map((f) => `a machine of ${f.orgName || f.org}`), ...fresh.slice(0, 5).map((m) => `${m.name || "somebody"} of ${m.orgName || m.org}`)])}
          {fresh.length > 5 ? ` and ${count(fresh.length - 5)} more` : ""} came in. Send it again if they may have it too.
        </p>
      ) : null}
      {problem === "" ? null : (
        <p className="preflight__problem" role="alert">
          {problem}
        </p>
      )}
      {shown === null ? (
        problem === "" ? (
          <p className="quiet" id={`${id}-head`} role="status">
            Looking up who receives this…
          </p>
        ) : (
          <p className="unseen" id={`${id}-head`}>
            Who receives this
          </p>
        )
      ) : (
        <>
          <p className="preflight__head" id={`${id}-head`} role="status">
            {receiving(shown, me)} <Suppliers shown={shown} />
          </p>
          <Receivers shown={shown} me={me} />
        </>
      )}
      <div className="preflight__acts">
        {shown === null ? (
          problem === "" ? null : (
            <Button small onClick={preflight.again} onKeyDown={back}>
              Look again
            </Button>
          )
        ) : (
          <Button small busy={busy} onClick={onSend} onKeyDown={back}>
            {gained ? `${action} to them too` : action}
          </Button>
        )}
        <Button kind="plain" onClick={onBack} onKeyDown={back}>
          Go back
        </Button>
        {shown === null ? null : <span className="preflight__keys">Enter sends</span>}
      </div>
    </div>
  );
}
