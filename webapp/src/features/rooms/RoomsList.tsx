import type { InvitationRow, RoomRow } from "../../protocol/rest";
import { cx } from "../../ui/cx";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { ModeWord } from "../../ui/ModeStripe";
import { lifecycleName, roleName } from "../../ui/names";
import { Empty } from "../../ui/State";
import { plural } from "../../ui/words";

type Props = {
  rooms: readonly RoomRow[];
  current?: string | undefined;
  /** There are others, which cannot be shown just now. */
  more?: boolean;
  /** Says more of each room: there is a page for it. */
  full?: boolean;
  onMute: (room: RoomRow, muted: boolean) => void;
};

const waits = (r: RoomRow): string => (r.waiting === 1 ? "1 person waits" : `${r.waiting} people wait`);

const spoken = (r: RoomRow): string =>
  [r.needs > 0 ? `${r.needs} waiting for you` : "", r.unread > 0 ? plural(r.unread, "unread entry", "unread entries") : "", r.mentions > 0 ? `${plural(r.mentions, "mention")} of you` : "", r.waiting > 0 ? `${waits(r)} to be let in` : "", r.muted ? "muted" : ""].filter(Boolean).join(", ");

function RoomLine({ room, current, full, onMute }: { room: RoomRow; current: boolean; full: boolean; onMute: Props["onMute"] }) {
  const over = room.lifecycle === "closed";
  return (
    <li className={cx("room-line", room.cell && "room-line--cell", current && "room-line--current", over && "room-line--over")}>
      <a href={`/rooms/${room.id}`} className="room-line__link" aria-current={current ? "page" : undefined}>
        <span className="room-line__title">
          {room.cell ? <Icon name="lock" size={14} /> : null} {room.title}
        </span>
        <span className="room-line__facts">
          <ModeWord mode={room.mode} onPaper />
          <span className="tabular">{room.reference}</span>
          {room.readOnly ? <strong className="room-line__broken">Read-only section</strong> : <span>{lifecycleName[room.lifecycle]}</span>}
          {room.cell ? <span>Only the hosts and {room.cell.orgName} know of it</span> : null}
          {room.section > 1 ? <span>section {room.section}</span> : null}
        </span>
        {full ? (
          <span className="room-line__facts">
            <span>You are {roleName[room.role].toLowerCase()}</span>
            <span className="tabular">{plural(room.head, "entry", "entries")}</span>
          </span>
        ) : null}
      </a>
      <span className="room-line__counts">
        {room.needs > 0 ? (
          <span className="count count--needs" aria-hidden="true">
            {room.needs > 99 ? "99+" : room.needs}
          </span>
        ) : null}
        {room.waiting > 0 ? (
          <span className="count count--waiting" aria-hidden="true">
            <Icon name="person" size={14} /> {room.waiting}
          </span>
        ) : null}
        {room.mentions > 0 ? (
          <span className="count count--mention" aria-hidden="true">
            @{room.mentions}
          </span>
        ) : null}
        {room.unread > 0 ? (
          <span className={cx("count", room.muted && "count--muted")} aria-hidden="true">
            {room.unread > 99 ? "99+" : room.unread}
          </span>
        ) : null}
        {room.muted ? <Icon name="mute" size={16} /> : null}
        <span className="unseen">{spoken(room)}</span>
      </span>
      <Menu
        label={`Actions for ${room.reference}`}
        className="icon-button room-line__menu"
        trigger={<Icon name="more" size={16} />}
        items={[{ key: "mute", label: room.muted ? "Unmute: tell me about new entries" : "Mute: no notifications from this room", onSelect: () => onMute(room, !room.muted) }]}
      />
    </li>
  );
}

/** The rooms I am in: those with something for me first, closed ones last. */
export function RoomsList({ rooms, current, more = false, full = false, onMute }: Props) {
  if (rooms.length === 0) {
    if (more) return null;
    return (
      <Empty title="You are in no room yet">
        <p>When someone invites you, the invitation appears here. If you were given a link or a code, use it to join.</p>
        <p>
          <a href="/join">Join with a code</a>
        </p>
      </Empty>
    );
  }
  const order = rooms.toSorted(
    (a, b) => Number(a.lifecycle === "closed" || a.next !== undefined) - Number(b.lifecycle === "closed" || b.next !== undefined) || Number(b.needs + b.mentions > 0) - Number(a.needs + a.mentions > 0) || b.lastAt.localeCompare(a.lastAt),
  );
  // A side room stands under the room it is beside.
  const under = (r: RoomRow) => order.some((x) => x.id === r.cell?.parent);
  const nested = order.filter((r) => !under(r)).flatMap((r) => [r, ...order.filter((c) => c.cell?.parent === r.id)]);
  return (
    <ul className="rooms-list">
      {nested.map((r) => (
        <RoomLine key={r.id} room={r} current={r.id === current} full={full} onMute={onMute} />
      ))}
    </ul>
  );
}

const called = (r: RoomRow): string => (r.mode === "exercise" ? `EXERCISE ${r.reference}` : r.reference);

/** Where something waits for me, somebody asked for me by name, or waits to be let in. */
export function NeedsMe({ rooms, reports }: { rooms: readonly RoomRow[]; /** That nobody looks at yet. */ reports: number }) {
  const mine = rooms.filter((r) => r.needs > 0);
  const asked = rooms.filter((r) => r.mentions > 0);
  const waited = rooms.filter((r) => r.waiting > 0);
  if (mine.length + asked.length + waited.length + reports === 0) return null;
  return (
    <section className="needs" aria-labelledby="needs-heading">
      <h2 id="needs-heading" className="side-heading">
        Needs you
      </h2>
      <ul>
        {reports > 0 ? (
          <li>
            <a href="/reports">{reports === 1 ? "One report waits that nobody looks at" : `${reports} reports wait that nobody looks at`}</a>
          </li>
        ) : null}
        {mine.map((r) => (
          <li key={`n${r.id}`}>
            <a href={`/rooms/${r.id}/decisions`}>
              {r.needs > 99 ? "More than 99 things wait" : r.needs === 1 ? "One thing waits" : `${r.needs} things wait`} for you in {called(r)}
            </a>
          </li>
        ))}
        {asked.map((r) => (
          <li key={r.id}>
            <a href={`/rooms/${r.id}/search?mentions=1`}>
              {plural(r.mentions, "new mention")} of you in {called(r)}
            </a>
          </li>
        ))}
        {waited.map((r) => (
          <li key={`waiting ${r.id}`}>
            <a href={`/rooms/${r.id}/people`}>
              {waits(r)} to be let into {called(r)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is mine and cannot be read by this server while others are renewed. */
export function Elsewhere({ n }: { n: number }) {
  if (n === 0) return null;
  return (
    <p className="notice" role="status">
      {n === 1 ? "One more of your rooms or invitations" : `${n} more of your rooms and invitations`} cannot be shown just now: the service is being renewed. Nothing is lost, and this page looks again every minute.
    </p>
  );
}

/** Rooms I have been invited to and have not joined. */
export function Invitations({ invitations }: { invitations: readonly InvitationRow[] }) {
  if (invitations.length === 0) return null;
  return (
    <section className="invitations" aria-labelledby="invitations-heading">
      <h2 id="invitations-heading" className="side-heading">
        Invitations
      </h2>
      <ul>
        {invitations.map((i) => (
          <li key={i.id} className="invitation">
            <a href={`/join?invitation=${i.id}`}>
              <span className="invitation__title">{i.title ?? "An invitation you asked to be let in with"}</span>
              <span className="room-line__facts">
                <ModeWord mode={i.mode} onPaper />
                <span className="tabular">{i.reference}</span>
              </span>
              <span className="invitation__seat">
                {i.seat ? `For ${i.seat.orgName}. ` : "A lead has not answered yet. "}
                <span className="invitation__go">{i.seat ? "Look and join" : "Look"}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
