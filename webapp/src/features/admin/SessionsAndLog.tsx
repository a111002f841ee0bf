import { useCallback, useState } from "react";
import type { Api } from "../../protocol/api";
import type { AdminLogRow } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { shownProblem } from "../../ui/problem";
import { dateAndTime } from "../../ui/time";
import { Listing } from "./Listing";
import { useList } from "./useList";

type Admin = Api["admin"];

/** Everyone who is signed in; ending a session cuts it within a second. */
export function AdminSessions({ admin }: { admin: Admin }) {
  const { rows, problem, reload } = useList("sessions", admin.sessions);
  const [failed, setFailed] = useState("");
  const end = (id: string) => admin.endSession(id).then(reload, (e: unknown) => setFailed(shownProblem(e).detail));
  return (
    <>
      {failed === "" ? null : <p role="alert">{failed}</p>}
      <Listing
        what="sessions"
        rows={rows}
        problem={problem}
        onRetry={() => void reload()}
        head={["Person", "Device", "Signed in", "Last used", ""]}
        row={(s) => ({
          key: s.id,
          cells: [
            <strong key="n">{s.name}</strong>,
            s.device,
            `${dateAndTime(s.started)} with ${s.issuer}`,
            dateAndTime(s.lastSeen),
            <Button key="a" kind="plain" onClick={() => void end(s.id)}>
              End<span className="unseen"> the session of {s.name}</span>
            </Button>,
          ],
        })}
      />
    </>
  );
}

/** What was changed here, by whom and when: numbered without a gap. */
export function SystemLog({ admin }: { admin: Admin }) {
  const load = useCallback(() => admin.log(), [admin]);
  const { rows, problem, reload } = useList("log", load);
  const [older, setOlder] = useState<readonly AdminLogRow[]>([]);
  const [ended, setEnded] = useState(false);
  const all = rows ? [...rows, ...older] : null;
  const last = all?.at(-1)?.seq ?? 0;
  const more = async () => {
    const page = await admin.log(last);
    setOlder([...older, ...page]);
    if (page.length === 0) setEnded(true);
  };
  return (
    <>
      <Listing
        what="entries"
        rows={all}
        problem={problem}
        onRetry={() => void reload()}
        head={["Number", "When", "By", "What"]}
        row={(e) => ({ key: String(e.seq), cells: [<span key="n" className="tabular">{e.seq}</span>, <span key="t" className="tabular">{dateAndTime(e.at)}</span>, e.by, e.summary] })}
      />
      {last > 1 && !ended ? (
        <Button kind="secondary" onClick={() => void more()}>
          Earlier entries
        </Button>
      ) : null}
    </>
  );
}
