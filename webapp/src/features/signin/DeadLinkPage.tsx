import { useState } from "react";
import { Button } from "../../ui/Button";
import { DutyNumber } from "../../ui/DutyNumber";
import { useSubmit } from "../../ui/useSubmit";

/** The one page for every link that does not work, whatever the reason: it tells nothing else. */
export function DeadLinkPage({ duty, onAsk }: { duty: string; onAsk?: (() => Promise<void>) | undefined }) {
  const submit = useSubmit();
  const [asked, setAsked] = useState(false);
  return (
    <div className="page page--narrow">
      <h1>This link does not work</h1>
      <p className="page__lede">It may have been used already, have run out, or have been replaced by a newer one.</p>
      <div className="page__section prose">
        <p>
          <DutyNumber duty={duty} capital />. Whoever answers can tell you what to do next.
        </p>
        {onAsk ? (
          asked ? (
            <p role="status">
              <strong>Your request was passed on.</strong> If the invitation was real, the person who invited you will send a new link.
            </p>
          ) : (
            <>
              <p>Or ask for a new link. It goes to the address the invitation was meant for, not to you here.</p>
              <Button busy={submit.busy} onClick={() => void submit.run(async () => { await onAsk(); setAsked(true); })}>
                Ask for a new link
              </Button>
              {submit.problem ? <p role="alert">{submit.problem.detail}</p> : null}
            </>
          )
        ) : null}
      </div>
    </div>
  );
}
