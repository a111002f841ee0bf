import type { RoomRow, Rooms } from "../../protocol/rest";
import { Icon } from "../../ui/Icon";
import { Failed, Loading } from "../../ui/State";
import { Elsewhere, Invitations, NeedsMe, RoomsList } from "./RoomsList";

type Props = {
  rooms: Rooms | undefined;
  failed: string | undefined;
  mayOpen: boolean;
  /** Acts for an organisation on the books. */
  mayReport: boolean;
  current?: string | undefined;
  /** "page" is the phone's own page and the landing page; "column" stands left of a room. */
  as: "page" | "column";
  onRetry: () => void;
  onMute: (room: RoomRow, muted: boolean) => void;
};

/** My rooms and what needs me. */
export function RoomsPanel({ rooms, failed, mayOpen, mayReport, current, as, onRetry, onMute }: Props) {
  const Heading = as === "page" ? "h1" : "h2";
  return (
    <nav className={as === "page" ? "page rooms-page" : "rooms-column"} aria-labelledby="rooms-heading">
      <div className="rooms-head">
        <Heading id="rooms-heading" className={as === "page" ? undefined : "side-heading"}>
          My rooms
        </Heading>
        <a className="quiet-link" href="/search">
          <Icon name="search" size={16} /> Search
        </a>
        {as === "page" && rooms?.rooms.some((r) => r.role === "auditor" || r.role === "lead" || r.role === "deputy") ? (
          <a className="quiet-link" href="/desk">
            Auditor’s desk
          </a>
        ) : null}
      </div>
      {mayReport && as === "page" ? (
        <p className="rooms-report">
          {mayOpen ? (
            <a href="/reports">Reports{rooms && rooms.reports > 0 ? ` (${rooms.reports} new)` : ""}</a>
          ) : (
            <>
              <a className="nhsuk-button nhsuk-button--warning" href="/reports/new">
                Report an incident
              </a>
              <a href="/reports/mine">My reports</a>
            </>
          )}
        </p>
      ) : null}
      {rooms && as === "page" ? <NeedsMe rooms={rooms.rooms} reports={rooms.reports} /> : null}
      {rooms ? <Invitations invitations={rooms.invitations} /> : null}
      {rooms ? <Elsewhere n={rooms.elsewhere ?? 0} /> : null}
      {rooms ? <RoomsList rooms={rooms.rooms} more={(rooms.elsewhere ?? 0) > 0} current={current} full={as === "page"} onMute={onMute} /> : failed ? <Failed title="Your rooms could not be loaded" detail={failed} onRetry={onRetry} /> : <Loading what="your rooms" />}
      {mayOpen ? (
        <a className="nhsuk-button nhsuk-button--secondary rooms-open" href="/open">
          Open an incident room
        </a>
      ) : null}
      {as === "page" && rooms && rooms.rooms.length > 0 ? (
        <p className="rooms-code">
          Were you given a code? <a href="/join">Join with a code</a>
        </p>
      ) : null}
    </nav>
  );
}
