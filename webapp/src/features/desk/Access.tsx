import type { AccessLine, DeskOrganisation } from "../../protocol/desk";
import type { Facts, RoomID } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/State";
import { Stamp } from "./Stamp";
import { Who } from "./who";

type Props = { lines: readonly AccessLine[]; room: RoomID; facts: Facts | undefined; organisations: readonly DeskOrganisation[]; more: boolean; busy: boolean; onMore: () => void };

const did = (l: AccessLine): string => {
  if (l.kind === "entry.opened") return "Opened";
  if (l.kind === "member.refused") return l.why === "step_up" ? "Was refused: no second factor of the last hour" : "Was refused";
  if (l.kind === "file.taken") return l.file === undefined ? "Took a file" : `Took file ${l.file} of it`;
  if (l.kind === "export.taken") return "Took the bundle of an export";
  if (l.kind === "intel.exported") return "Took it out in a file";
  if (l.kind === "feed.taken") return "Was given it, by TAXII";
  return l.kind;
};

/** Who opened sealed entries, who was refused, who took a file of one, and who took an export. */
export function AccessLog({ lines, room, facts, organisations, more, busy, onMore }: Props) {
  if (lines.length === 0 && !more) return <Empty title="Nobody has opened anything">No sealed entry of this room was opened, nobody was refused one, and nothing was taken away.</Empty>;
  return (
    <>
      <table className="desk-table">
        <caption className="desk-table__caption">Newest first. Each line was committed before anything was given out.</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Recorded</th>
            <th scope="col">Who</th>
            <th scope="col">Did</th>
            <th scope="col">Entry</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((l) => {
            const m = facts?.members.find((x) => x.number === l.member);
            return (
              <tr key={l.seq}>
                <td className="tabular">{l.seq}</td>
                <td>
                  <Stamp at={l.at} />
                </td>
                <td>
                  {l.feed ? (
                    <>
                      {l.feed}, a machine of {l.orgName}
                    </>
                  ) : (
                  <Who by={{ member: l.member, ...(m ? { org: m.org } : {}), ...(m?.role ? { role: m.role } : {}) }} facts={facts} organisations={organisations} />
                  )}
                </td>
                <td>
                  {did(l)}
                  {l.sha256 ? (
                    <>
                      {" "}
                      <span className="quiet">SHA-256</span> <code className="digest">{l.sha256}</code>
                    </>
                  ) : null}
                </td>
                <td>
                  {l.sees ? <a href={`/rooms/${room}/entries/${l.entry}`}>Entry {l.entry}</a> : <>Entry {l.entry}, which you may not see</>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {more ? (
        <p className="board__more">
          <Button kind="secondary" busy={busy} onClick={onMore}>
            Earlier lines
          </Button>
        </p>
      ) : null}
    </>
  );
}
