import { useEffect, useRef, useState } from "react";
import type { ChannelKind, ContactChannel, OrgContact } from "../../protocol/directory";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { contactRoleName } from "./words";

type Called = { kind: ChannelKind; value: string };

/** A number in full, to be rung. Asked for once when it opens, since each asking is recorded, and kept nowhere in the page. */
export function CallDialog({ contact, channel, load, onClose }: { contact: OrgContact; channel: ContactChannel; load: () => Promise<Called>; onClose: () => void }) {
  const [called, setCalled] = useState<Called | null>(null);
  const [problem, setProblem] = useState("");
  const asked = useRef(load);
  useEffect(() => {
    let live = true;
    asked.current().then((c) => live && setCalled(c), (e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, []);
  const number = called?.value ?? "";
  return (
    <Dialog title={channel.kind === "email" ? `Write to ${contact.name}` : `Call ${contact.name}`} onClose={onClose}>
      <p>{contactRoleName[contact.role]}</p>
      {problem !== "" ? <Failed title="It could not be shown" detail={problem} /> : null}
      {called === null && problem === "" ? <Loading what="it" /> : null}
      {called ? (
        <>
          <p className="phone">
            <a href={called.kind === "email" ? `mailto:${number}` : `tel:${number.replace(/[^+\d]/g, "")}`} className="tabular">
              {number}
            </a>
          </p>
          <CopyButton text={number} label={called.kind === "email" ? "Copy address" : "Copy number"} />
          <p className="field-note">It is recorded that you were shown this.</p>
        </>
      ) : null}
    </Dialog>
  );
}
