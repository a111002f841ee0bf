// What to offer: the server's table of who may do what, as a hint. The server
// decides; a button that is missing here is only missing.
import type { Facts, MemberFacts, Role } from "../protocol/types";
import { isLead, mustAcceptRules, you } from "./select";
import type { RoomObject } from "./state";

export type Act =
  | "post" | "correct" | "note" | "pin" | "unpin" | "tighten" | "widen" | "withhold" | "restore" | "open" | "brief" | "report" | "title"
  | "move" | "reopen" | "rules" | "clock" | "accept" | "leave" | "invite" | "propose" | "admit" | "vouch" | "withdraw" | "remove" | "change"
  | "grant" | "ring";

const writers: ReadonlySet<Role | ""> = new Set<Role>(["lead", "deputy", "liaison", "loggist", "comms", "representative"]);

/** Whether this viewer may, as far as the browser can tell, do this now. object: the entry it is about, where it is about one. */
export function may(facts: Facts, act: Act, object?: RoomObject): boolean {
  const me = you(facts);
  if (me?.state !== "joined") return false;
  const closed = facts.room.lifecycle === "closed";
  if (act === "accept" || act === "leave") return true;
  if (mustAcceptRules(facts)) return false;
  if (closed && !["open", "reopen", "withdraw", "remove", "ring"].includes(act)) return false;
  const lead = isLead(me);
  const wrote = object?.by?.member === me.number;
  switch (act) {
    case "note":
    case "open":
      return true;
    case "post":
      return writers.has(me.role);
    case "correct":
      return wrote && object?.kind === "message.posted";
    case "tighten":
      return hasMarking(object) && (lead || wrote);
    case "widen":
      return writers.has(me.role) && object?.marking?.originator === me.org;
    case "withhold":
      return lead && hasMarking(object) && object?.withheld === false;
    case "restore":
      return lead && object?.withheld === true;
    case "pin":
      return lead && object?.pinned !== true;
    case "unpin":
      return lead && object?.pinned !== false;
    case "reopen":
      return lead && closed;
    case "clock":
      return lead && facts.room.mode === "exercise";
    case "invite":
    case "vouch":
    case "ring":
    case "withdraw":
      return lead || isLiaison(me);
    case "propose":
      return me.role === "representative";
    case "brief":
    case "report":
    case "title":
    case "move":
    case "rules":
    case "admit":
    case "remove":
    case "change":
    case "grant":
      return lead;
    default:
      return unreachable(act);
  }
}

/** Standing entries have none: their audience is the room. */
function hasMarking(object: RoomObject | undefined): boolean {
  return object !== undefined && object.marking !== null;
}

function isLiaison(m: MemberFacts): boolean {
  return m.host && m.role === "liaison";
}

function unreachable(act: never): never {
  throw new Error(`room: an act without a rule: ${String(act)}`);
}
