import type { Facts } from "../../protocol/types";
import { orgNamed } from "../../room/called";
import { membersPresent } from "../../room/select";
import { Icon } from "../../ui/Icon";
import { list } from "../../ui/words";

/** What stands above everything in a side room: whose it is, who is here, and that nobody else knows. */
export function CellHead({ facts, main, children }: { facts: Facts; /** The main room's address. */ main: string | null; children?: React.ReactNode }) {
  const { cell } = facts.room;
  if (!cell) return null;
  const present = membersPresent(facts);
  const orgs = [...new Set(present.map((m) => m.org))].map((org) => {
    const names = present.filter((m) => m.org === org).map((m) => (m.number === facts.you ? "you" : m.name || `M-${m.number}`));
    return `${list(names)} (${orgNamed(facts, org)})`;
  });
  return (
    <section className="cell-head" aria-labelledby="cell-heading">
      <h2 id="cell-heading" className="cell-head__title">
        <Icon name="lock" size={18} /> Side room with {orgNamed(facts, cell.org)}
      </h2>
      <p className="cell-head__who">
        <strong>In it:</strong> {orgs.join("; ")}.
      </p>
      <p className="cell-head__rest">
        The main room does not know that this room exists.{" "}
        {main ? <a href={main}>Go to the main room</a> : null}
      </p>
      {children}
    </section>
  );
}
