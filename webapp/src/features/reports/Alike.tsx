import type { AlikeRoom } from "../../protocol/reports";
import { Icon } from "../../ui/Icon";
import { list } from "../../ui/words";

/** Live rooms of mine that are about the same organisations: perhaps no other is needed. */
export function AlikeRooms({ rooms, report }: { rooms: readonly AlikeRoom[]; report?: string | undefined }) {
  if (rooms.length === 0) return null;
  return (
    <div className="nhsuk-inset-text alike" role="status">
      <p>
        <Icon name="warning" size={18} /> <strong>{rooms.length === 1 ? "A room that you are in is about the same organisation." : `${rooms.length} rooms that you are in are about the same organisations.`}</strong> Two rooms for one incident split what people know.
      </p>
      <ul>
        {rooms.map((r) => (
          <li key={r.room}>
            <a href={`/rooms/${r.room}`}>
              {r.reference}, {r.title}
            </a>
            : {list(r.orgs.map((o) => o.name))}
          </li>
        ))}
      </ul>
      <p>
        {report ? (
          <>
            You can <a href={`/reports/${report}`}>add the report to one of them</a> instead.{" "}
          </>
        ) : null}
        If you open another, link the two once it is open. There may be rooms that you are not in.
      </p>
    </div>
  );
}
