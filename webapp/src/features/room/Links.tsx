import { useState } from "react";
import type { RoomLink } from "../../protocol/reports";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";

type Choice = { readonly id: string; readonly reference: string; readonly title: string };

type Props = {
  links: readonly RoomLink[];
  /** Titles of rooms that I am in. */
  titleOf: (room: string) => string;
  /** Rooms that this one could be linked with; null if I may not. */
  others: readonly Choice[] | null;
  onLink: (room: string) => Promise<unknown>;
  onUnlink: (root: number) => Promise<unknown>;
};

/** The rooms this one is linked with: for hosts. */
export function LinksFact({ links, titleOf, others, onLink, onUnlink }: Props) {
  const [linking, setLinking] = useState(false);
  const [ending, setEnding] = useState<RoomLink | null>(null);
  if (links.length === 0 && others === null) return null;
  return (
    <section className="fact" aria-labelledby="links-heading">
      <header className="fact__head">
        <h2 id="links-heading" className="side-heading">
          Linked rooms
        </h2>
        {others === null ? null : (
          <Button kind="plain" onClick={() => setLinking(true)}>
            Link<span className="unseen"> this room with another</span>
          </Button>
        )}
      </header>
      {links.length === 0 ? <p className="quiet">None.</p> : null}
      <ul className="links">
        {links.map((l) => (
          <li key={l.root} className="links__row">
            {l.room ? (
              <a href={`/rooms/${l.room}`}>
                <span className="tabular">{l.reference}</span> {titleOf(l.room)}
              </a>
            ) : (
              <span>
                <span className="tabular">{l.reference}</span> <span className="quiet">you are not in it</span>
              </span>
            )}
            {others === null ? null : (
              <Button kind="plain" onClick={() => setEnding(l)}>
                Unlink<span className="unseen"> {l.reference}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {links.length > 0 ? <p className="fact__source">Only hosts see this.</p> : null}
      {linking && others !== null ? <LinkDialog others={others} onLink={onLink} onClose={() => setLinking(false)} /> : null}
      {ending ? <UnlinkDialog link={ending} onUnlink={onUnlink} onClose={() => setEnding(null)} /> : null}
    </section>
  );
}

function LinkDialog({ others, onLink, onClose }: { others: readonly Choice[]; onLink: (room: string) => Promise<unknown>; onClose: () => void }) {
  const [room, setRoom] = useState("");
  const submit = useSubmit();
  const link = async () => {
    if (room === "") submit.refuse([{ name: "room", message: "Choose a room." }]);
    else if (await submit.run(() => onLink(room))) onClose();
  };
  return (
    <Dialog title="Link with another room" onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      {others.length === 0 ? (
        <p>There is no other room of this kind that you are in for a host.</p>
      ) : (
        <>
          <SelectField id="room" label="Room" hint="The hosts in each room are told the other’s number, and nothing else. Guests are not told." error={submit.errorOf("room")} value={room} onChange={(e) => setRoom(e.target.value)}>
            <option value="">Choose</option>
            {others.map((r) => (
              <option key={r.id} value={r.id}>
                {r.reference}, {r.title}
              </option>
            ))}
          </SelectField>
          <FormButtons busy={submit.busy} onDo={() => void link()} onCancel={onClose}>
            Link the rooms
          </FormButtons>
        </>
      )}
    </Dialog>
  );
}

function UnlinkDialog({ link, onUnlink, onClose }: { link: RoomLink; onUnlink: (root: number) => Promise<unknown>; onClose: () => void }) {
  const submit = useSubmit();
  return (
    <Dialog title={`End the link with ${link.reference}?`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>It ends in both rooms. That they were linked stays in the record of each.</p>
      <FormButtons busy={submit.busy} onDo={() => void submit.run(() => onUnlink(link.root)).then((ok) => ok && onClose())} onCancel={onClose}>
        End the link
      </FormButtons>
    </Dialog>
  );
}
