import { useState } from "react";
import type { Coming, ComingIn as Answer } from "../../protocol/fallback";
import { Button } from "../../ui/Button";
import { TextArea } from "../../ui/Field";
import { Question } from "../../ui/Question";
import { timeOfDay } from "../../ui/time";

type Props = {
  coming: Answer;
  onApprove: (request: string, reason: string) => Promise<{ code: string; until: string }>;
  onRefuse: (request: string) => Promise<unknown>;
};

const by = { sms: "mobile", email: "e-mail", voice: "telephone" } as const;

/** Who asks to come in without their sign-in service, for who may let them in. */
export function ComingIn({ coming, onApprove, onRefuse }: Props) {
  const [asking, setAsking] = useState<{ what: "approve" | "refuse"; of: Coming } | null>(null);
  const [shown, setShown] = useState<{ code: string; until: string; of: Coming } | null>(null);
  const close = () => setAsking(null);
  return (
    <section className="page__section comingin" aria-labelledby="asking-heading">
      <h2 id="asking-heading">Asking to come in</h2>
      {shown ? (
        <div className="comingin__code" role="status">
          <p>Read this out to {shown.of.name}, and to nobody else. It is shown this once, and works until {timeOfDay(shown.until)}.</p>
          <p className="comingin__digits tabular">{`${shown.code.slice(0, 3)} ${shown.code.slice(3)}`}</p>
          <Button kind="secondary" small onClick={() => setShown(null)}>
            I have read it out
          </Button>
        </div>
      ) : null}
      {coming.asking.length === 0 ? <p className="quiet">Nobody asks just now.</p> : null}
      <ul className={coming.asking.length > 0 ? "rows" : ""}>
        {coming.asking.map((a) => (
          <li key={a.request} className="row">
            <div className="row__main">
              <strong>{a.name}</strong> <span className="quiet">{a.orgs.join(", ")}</span>
              <p>
                Asked at {timeOfDay(a.at)}, and typed the code that went to their {by[a.channel]}. Can come in until {timeOfDay(a.until)}.
              </p>
              <p className="quiet">
                {a.issuer}: {a.down ? "does not answer this server either." : "answers this server. Ask why it is of no use to them."}
              </p>
              {a.approved ? <p>{a.approved} rang them, and has the code.</p> : null}
              {a.mine ? <p>This is you. Somebody else must ring you.</p> : null}
            </div>
            {a.approved || a.mine ? null : (
              <div className="row__acts">
                <Button small onClick={() => setAsking({ what: "approve", of: a })}>
                  I have rung them<span className="unseen">: let {a.name} in</span>
                </Button>
                <Button kind="secondary" small onClick={() => setAsking({ what: "refuse", of: a })}>
                  Do not let in<span className="unseen"> {a.name}</span>
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {coming.inside.length > 0 ? (
        <>
          <h3>In by codes</h3>
          <ul className="rows">
            {coming.inside.map((p) => (
              <li key={p.person} className="row">
                <div className="row__main">
                  <strong>{p.name}</strong> <span className="quiet">until {timeOfDay(p.until)} at the latest</span>
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {asking?.what === "approve" ? <Approve of={asking.of} onClose={close} onApprove={onApprove} onCode={(c) => setShown({ ...c, of: asking.of })} /> : null}
      {asking?.what === "refuse" ? (
        <Question title={`Not let ${asking.of.name} in?`} action="Do not let them in" warning onClose={close} onDo={() => onRefuse(asking.of.request)}>
          <p>The code that was sent to them is dead from then on. They can ask again.</p>
        </Question>
      ) : null}
    </section>
  );
}

function Approve({ of, onApprove, onCode, onClose }: { of: Coming; onApprove: Props["onApprove"]; onCode: (c: { code: string; until: string }) => void; onClose: () => void }) {
  const [reason, setReason] = useState("");
  return (
    <Question
      title={`Let ${of.name} in?`}
      action="Show me the code to read out"
      onClose={onClose}
      check={() => [!of.down && reason.trim() === "" ? { name: "reason", message: "Say why their sign-in service is of no use to them" } : null]}
      onDo={async () => {
        onCode(await onApprove(of.request, reason.trim()));
        onClose();
      }}
      onDone={() => undefined}
    >
      {(errorOf) => (
        <>
          <p>
            Ring {of.name} on a number that was known before: from <a href={`/directory/${of.orgs[0] ?? ""}`}>the directory</a>, never one that they give you now. Make sure that it is them, and that they asked.
          </p>
          <p>They then have a session of 60 minutes, marked as begun by codes, which can take nothing out of the house. It takes your second factor, for each person anew.</p>
          {of.down ? null : (
            <TextArea id="reason" label={`Why is ${of.issuer} of no use to them?`} hint="It answers this server. In a line: “their network is cut off”. It is recorded." rows={2} maxLength={300} error={errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
          )}
        </>
      )}
    </Question>
  );
}
