import type { Facts } from "../../protocol/types";
import { you } from "../../room/select";
import { Icon } from "../../ui/Icon";
import { orgTypeName } from "../../ui/names";

/** What readers will be shown of a veiled message, said before it is sent. */
export function VeilNote({ facts }: { facts: Facts }) {
  const me = you(facts);
  const type = me?.orgType ? orgTypeName[me.orgType] : "Your type of organisation";
  return (
    <div className="composer__veil" role="note">
      <p>
        <Icon name="lock" size={16} /> Everyone in the room will see <strong>“{type}”</strong> and what you write, and no more of who wrote it: not your name, not your organisation, not that you are writing. <strong>Leads and auditors are told that it was you.</strong>
      </p>
      <p className="quiet">It calls on nobody by name, and you cannot correct or widen it afterwards. Leave out what only you could know.</p>
    </div>
  );
}
