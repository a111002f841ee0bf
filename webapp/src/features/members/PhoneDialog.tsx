import { useEffect, useState } from "react";
import type { MemberFacts } from "../../protocol/types";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";

/** How to ring somebody. It is fetched when asked for and kept nowhere in the page. */
export function PhoneDialog({ member, load, onClose }: { member: MemberFacts; load: (root: number) => Promise<string>; onClose: () => void }) {
  const [phone, setPhone] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let live = true;
    load(member.root).then((p) => live && setPhone(p), (e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, [load, member.root]);
  return (
    <Dialog title={`Telephone of ${member.name || `M-${member.number}`}`} onClose={onClose}>
      {problem !== "" ? <Failed title="The number could not be shown" detail={problem} /> : null}
      {phone === null && problem === "" ? <Loading what="the number" /> : null}
      {phone === "" ? <p>No number is known. They can give one on their page “My sessions”.</p> : null}
      {phone ? (
        <>
          <p className="phone">
            <a href={`tel:${phone.replace(/[^+\d]/g, "")}`} className="tabular">
              {phone}
            </a>
          </p>
          <CopyButton text={phone} label="Copy number" />
        </>
      ) : null}
    </Dialog>
  );
}
