// What is said of side rooms: on opening one, and of what came back from it.
import type { Audience, OrgID, RoomID, Seq, TLP } from "./types";

/** A room that is a side room: whose, and beside which. */
export interface CellOf {
  readonly org: OrgID;
  readonly parent: RoomID;
}
/** What an organisation said in its side room, as the main room is told it with its consent. */
export interface Promoted {
  /** To whom it was said there. */
  readonly audience: Audience["kind"];
  /** Base64, RFC 6962. */
  readonly leafHash: string;
  /** SHA-256 of the side room's origin line, hexadecimal: it names nothing. */
  readonly origin: string;
  readonly seq: Seq;
  readonly text: string;
  /** Its label there. */
  readonly tlp: TLP;
}
