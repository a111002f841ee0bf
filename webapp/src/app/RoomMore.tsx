import { useState } from "react";
import type { RoomStore, RoomView } from "../room/store";
import { Button } from "../ui/Button";
import { SelectField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { loudnesses, type Loudness } from "./announcements";
import { askForNotices, noticeState } from "./notices";

type Props = { store: RoomStore; view: RoomView; muted: boolean; loudness: Loudness; onLoudness: (l: Loudness) => void; onMute: (muted: boolean) => void; onKeys: () => void; onJump: () => void };

/** Ways around the room and how it tells of new things. */
export function RoomMore({ store, view, muted, loudness, onLoudness, onMute, onKeys, onJump }: Props) {
  const [notices, setNotices] = useState(noticeState);
  const base = `/rooms/${store.room}`;
  return (
    <section className="fact more" aria-labelledby="more-heading">
      <h2 id="more-heading" className="side-heading">
        This room
      </h2>
      <ul className="more__links">
        <li>
          <a href={`${base}/search`}>
            <Icon name="search" size={18} /> Search this room
          </a>
        </li>
        <li>
          <a href={`${base}/search?mentions=1`}>
            <Icon name="at" size={18} /> Where I am mentioned{view.mentions > 0 ? ` (${view.mentions} new)` : ""}
          </a>
        </li>
        <li>
          <button type="button" className="button-plain" onClick={onJump}>
            <Icon name="clock" size={18} /> Jump to a time or number
          </button>
        </li>
        <li>
          <a href={`${base}/exports`}>
            <Icon name="record" size={18} /> Exports for inquiry
          </a>
        </li>
        <li>
          <a href={`${base}/log`}>
            <Icon name="print" size={18} /> Plain pages, for printing and finding
          </a>
        </li>
        <li>
          <button type="button" className="button-plain" onClick={onKeys}>
            <Icon name="log" size={18} /> Keys
          </button>
        </li>
      </ul>
      <div className="more__settings">
        <SelectField label="Screen reader tells me of" value={loudness} onChange={(e) => onLoudness(loudnesses.find((l) => l.value === e.target.value)?.value ?? "mentions")}>
          {loudnesses.map((l) => (
            <option key={l.value} value={l.value}>
              {l.label}
            </option>
          ))}
        </SelectField>
        <p>
          <Button kind="secondary" small onClick={() => onMute(!muted)}>
            {muted ? "Unmute this room" : "Mute this room"}
          </Button>
        </p>
        {notices === "ask" ? (
          <p>
            <Button kind="secondary" small onClick={() => void askForNotices().then(setNotices)}>
              Notify me on this device
            </Button>
            <span className="field-note">A notification says only that something is new and in which room.</span>
          </p>
        ) : (
          <p className="field-note">{notices === "on" ? "Notifications are on for this device. They never show content." : notices === "off" ? "Notifications are blocked in this browser’s settings." : "This browser cannot show notifications."}</p>
        )}
      </div>
    </section>
  );
}
