import type { ReactNode } from "react";
import type { AlertNotice } from "../../protocol/alert";
import type { MessageCount } from "../../protocol/broadcast";
import { contactRoleName } from "../../ui/contact";
import { shortMoment } from "../../ui/time";
import { plural } from "../../ui/words";

const under = (counts: readonly MessageCount[], ...states: readonly string[]) => counts.filter((c) => states.includes(c.state)).reduce((n, c) => n + c.messages, 0);

/** "31 of 34 messages delivered, 2 on the way, 1 did not arrive. 12 confirmed." */
export function messagesWords(counts: readonly MessageCount[]): string {
  const all = counts.reduce((n, c) => n + c.messages, 0);
  if (all === 0) return "Nobody has been written to: none of them has a contact with a verified number or address, or the messages are being made ready.";
  const parts = [
    `${under(counts, "delivered").toLocaleString("en-GB")} of ${plural(all, "message")} delivered`,
    ...([
      [under(counts, "queued", "sending", "uncertain", "sent"), "on the way"],
      [under(counts, "temporary", "permanent", "technical", "refused"), "did not arrive"],
      [under(counts, "not_sent"), "not sent"],
    ] as const).flatMap(([n, words]) => (n > 0 ? [`${n.toLocaleString("en-GB")} ${words}`] : [])),
  ];
  const confirmed = counts.reduce((n, c) => n + c.acknowledged, 0);
  return `${parts.join(", ")}. ${confirmed === 0 ? "Nobody has confirmed receipt" : `Receipt of ${confirmed.toLocaleString("en-GB")} confirmed`}.`;
}

/** How far the messages to everybody's contacts have come; it says nothing of their answers. */
export function MessagesLine({ counts }: { counts: readonly MessageCount[] }) {
  return (
    <p className="quiet alert-board__messages" role="status">
      <strong>Messages to their contacts:</strong> {messagesWords(counts)}
    </p>
  );
}

const called = (instance: string, now: string): string => {
  const at = Number(/^chase-(\d+)$/.exec(instance)?.[1]);
  return at > 0 ? `Chased ${shortMoment(new Date(at * 1000).toISOString(), now)}` : "When it was issued";
};

function by(notices: readonly AlertNotice[], key: (n: AlertNotice) => string): Map<string, AlertNotice[]> {
  const groups = new Map<string, AlertNotice[]>();
  for (const n of notices) groups.set(key(n), [...(groups.get(key(n)) ?? []), n]);
  return groups;
}

/** The messages to one organisation's contacts, by contact and by what each was sent for. */
export function MessagesTo({ notices, now, states }: { notices: readonly AlertNotice[]; now: number; states: (of: readonly AlertNotice[]) => ReactNode }) {
  const contacts = by(notices, (n) => n.contact);
  if (contacts.size === 0) return <p className="quiet">Nobody there was written to: they have no contact with a verified number or address.</p>;
  return (
    <ul className="alert-messages">
      {[...contacts].map(([contact, of]) => (
        <li key={contact}>
          <p className="alert-messages__who">
            <strong>{of[0]?.name === "" || of[0]?.role === undefined ? "A contact who has left the directory" : of[0].name}</strong>
            {of[0]?.role === undefined ? "" : `, ${contactRoleName[of[0].role]}`}
          </p>
          {[...by(of, (n) => n.instance)].map(([instance, some]) => (
            <div key={instance} className="alert-messages__one">
              <span className="quiet">{called(instance, new Date(now).toISOString())}</span>
              {states(some)}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
