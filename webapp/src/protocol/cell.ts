// What is said of side rooms: on opening one, and of what came back from it.
import type { Audience, OrgID, RoomID, Seq, TLP } from "./types";

/** A room that is a side room: whose, and beside which. */
export interface CellOf {
  readonly org: OrgID;
  readonly parent: RoomID;
}
/** Where something stood that was brought from a side room to the main room. */
export interface Provenance {
  /** To whom it was said there. */
  readonly audience: Audience["kind"];
  /** The entry there that it is a correction of; absent: it is none. */
  readonly corrects?: Seq;
  /** Base64, RFC 6962. */
  readonly leafHash: string;
  /** SHA-256 of the side room's origin line, hexadecimal: it names nothing. */
  readonly origin: string;
  /** The entry there that the words stand in. */
  readonly seq: Seq;
  /** Its label there. */
  readonly tlp: TLP;
}
/** What an organisation said in its side room, as the main room is told it with its consent. */
export interface Promoted extends Provenance {
  readonly text: string;
}
