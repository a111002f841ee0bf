import { useState } from "react";
import type { Api } from "../../protocol/api";
import type { ContactChannel, OrgContact, OrgContacts } from "../../protocol/directory";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { orgTypeName } from "../../ui/names";
import { Empty } from "../../ui/State";
import { StateTag } from "../../ui/StateTag";
import { plainDate } from "../../ui/time";
import { CallDialog } from "./CallDialog";
import { CodeDialog } from "./CodeDialog";
import { ContactForm } from "./ContactForm";
import { Keepers } from "./Keepers";
import { channelAct, channelName, contactRoleName, placeName, standingLook } from "./words";

type Directory = Api["directory"];
type Open = { what: "add" } | { what: "change" | "remove"; contact: OrgContact } | { what: "call" | "rung" | "code"; contact: OrgContact; channel: ContactChannel };

type Props = { list: OrgContacts; directory: Directory; host: boolean; back: boolean; onChanged: () => Promise<unknown> };

/** How one organisation is reached: its contacts by role, numbers masked until they are called. */
export function OrganisationContacts({ list, directory, host, back, onChanged }: Props) {
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const then = async (act: Promise<unknown>) => {
    await act;
    await onChanged();
  };
  return (
    <div className="page">
      {back ? (
        <a className="page__back" href="/directory">
          Directory
        </a>
      ) : null}
      <h1>{list.name}</h1>
      <p className="quiet">
        <span className="tabular">{list.code}</span> · {orgTypeName[list.type]}
      </p>
      {list.closed ? (
        <p className="directory__closed">
          This organisation has closed{list.successor ? <>; it became <a href={`/directory/${encodeURIComponent(list.successor)}`}>{list.successor}</a></> : null}. No message is sent to its contacts any more.
        </p>
      ) : null}
      <p className="page__lede">{lede(list)}</p>
      {list.keeps && !list.closed ? <Button onClick={() => setOpen({ what: "add" })}>Add a contact</Button> : null}
      {list.contacts.length === 0 ? (
        <Empty title="Nobody is listed yet">
          <p>{list.keeps ? "Add at least an on-call director and somebody in IT security, with a number that works at night." : "Its administrator has added nobody. In an incident there is no way to reach this organisation from here."}</p>
        </Empty>
      ) : (
        <ul className="contacts">
          {list.contacts.map((c) => (
            <li key={c.id} className="contacts__one">
              <div className="contacts__head">
                <h2>{c.name}</h2>
                <p>
                  {contactRoleName[c.role]}
                  <span className="quiet"> · {placeName(c.place)}</span>
                  {c.alertOnly ? <span className="quiet"> · alerts only, comes into no room</span> : null}
                </p>
              </div>
              <ul className="contacts__channels">
                {c.channels.map((ch) => (
                  <li key={ch.id}>
                    <span className="contacts__kind">{channelName[ch.kind]}</span>
                    <span className="tabular contacts__number">{ch.masked}</span>
                    <StateTag look={standingLook[ch.standing]} />
                    <span className="quiet contacts__when">
                      {ch.verified ? `${ch.how === "rung" ? "rung back" : "by code"}, ${plainDate(ch.verified)}` : ""}
                      {ch.outOfHours ? `${ch.verified ? " · " : ""}day and night` : ""}
                    </span>
                    <span className="contacts__acts">
                      <Button kind="secondary" small onClick={() => setOpen({ what: "call", contact: c, channel: ch })}>
                        {channelAct[ch.kind]}
                        <span className="unseen"> {ch.kind === "email" ? `of ${c.name}` : c.name}</span>
                      </Button>
                      {list.rings ? (
                        <Button kind="plain" onClick={() => setOpen({ what: "rung", contact: c, channel: ch })}>
                          {rungAct(ch)}
                          <span className="unseen"> {c.name}</span>
                        </Button>
                      ) : null}
                      {list.keeps && list.codes.includes(ch.kind) ? (
                        <Button kind="plain" onClick={() => setOpen({ what: "code", contact: c, channel: ch })}>
                          Verify by code<span className="unseen"> {c.name}</span>
                        </Button>
                      ) : null}
                    </span>
                  </li>
                ))}
              </ul>
              {list.keeps ? (
                <p className="contacts__keep">
                  {list.closed ? null : (
                    <Button kind="plain" onClick={() => setOpen({ what: "change", contact: c })}>
                      Change<span className="unseen"> {c.name}</span>
                    </Button>
                  )}
                  <Button kind="plain" onClick={() => setOpen({ what: "remove", contact: c })}>
                    Remove<span className="unseen"> {c.name}</span>
                  </Button>
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      <Keepers list={list} directory={directory} host={host} onChanged={onChanged} />

      {open?.what === "add" ? <ContactForm title="Add a contact" onSave={(draft, key) => then(directory.add(list.code, draft, key))} onClose={close} /> : null}
      {open?.what === "change" ? <ContactForm title={`Change ${open.contact.name}`} contact={open.contact} onSave={(draft) => then(directory.change(list.code, open.contact.id, draft))} onClose={close} /> : null}
      {open?.what === "remove" ? (
        <Question title={`Remove ${open.contact.name}?`} action="Remove and forget" warning onClose={close} onDo={() => then(directory.remove(list.code, open.contact.id))}>
          <p>Their name and numbers are deleted, not hidden. The record keeps only that {list.code} had a contact in this role.</p>
        </Question>
      ) : null}
      {open?.what === "rung" ? (
        <Question title={`Did you reach ${open.contact.name}?`} action={open.channel.kind === "email" ? "Yes, they confirmed it to me" : "Yes, I rang back and reached them"} onClose={close} onDo={() => then(directory.rung(list.code, open.contact.id, open.channel.id))}>
          <p>
            {channelName[open.channel.kind]}: <span className="tabular">{open.channel.masked}</span>. Your name is recorded with it, and it holds for {list.staleDays} days.
          </p>
        </Question>
      ) : null}
      {open?.what === "code" ? (
        <CodeDialog
          contact={open.contact}
          channel={open.channel}
          onSend={() => directory.sendCode(list.code, open.contact.id, open.channel.id)}
          onCode={(code) => then(directory.verify(list.code, open.contact.id, open.channel.id, code))}
          onClose={close}
        />
      ) : null}
      {open?.what === "call" ? <CallDialog contact={open.contact} channel={open.channel} load={() => directory.call(list.code, open.contact.id, open.channel.id)} onClose={close} /> : null}
    </div>
  );
}

/** An address is confirmed by its owner on the telephone; a number by ringing it. */
const rungAct = (ch: ContactChannel): string => (ch.kind === "email" ? "They confirmed it" : "I rang back");

function lede(list: OrgContacts): string {
  if (list.keeps) return "Whom the hosts ring when an incident touches this organisation. Only its own people and the hosts see this list.";
  return "Whom the hosts ring when an incident touches this organisation. Its administrator keeps the list.";
}
