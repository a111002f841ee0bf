import { useQuery } from "@tanstack/react-query";
import { ComingIn } from "../features/comingin/ComingIn";
import { Frozen } from "../features/comingin/Frozen";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { passkeysWork, showPasskey } from "../protocol/fallback";
import { Button } from "../ui/Button";
import { DutyNumber } from "../ui/DutyNumber";
import { ErrorSummary } from "../ui/ErrorSummary";
import { makeRefusal } from "../ui/passkey";
import { shownProblem } from "../ui/problem";
import { Failed, Loading } from "../ui/State";
import { useSubmit } from "../ui/useSubmit";
import { comingKey } from "./Strips";
import { useInside } from "./inside";
import { Plain, type Go } from "./pages";

/** Who is let in, and who is shut out: the hosts' page. */
export function ComingInPage({ go }: { go: Go }) {
  const { session, api } = useInside();
  const coming = useQuery({ queryKey: comingKey, queryFn: api.comingIn, enabled: session.host, refetchInterval: 5_000 });
  const freezes = useQuery({ queryKey: ["freezes"], queryFn: () => api.freezes(), enabled: session.host, refetchInterval: 10_000 });
  const both = () => Promise.all([coming.refetch(), freezes.refetch()]);
  const named = new URLSearchParams(location.search).get("freeze") ?? "";
  const failed = coming.error ?? freezes.error;
  return (
    <Plain title="Who is let in" go={go}>
      {!session.host ? (
        <NotFoundPage />
      ) : failed ? (
        <Failed title="This could not be loaded" detail={shownProblem(failed).detail} onRetry={() => void both()} />
      ) : !coming.data || !freezes.data ? (
        <Loading what="who is let in" />
      ) : (
        <div className="page">
          <a className="page__back" href="/">
            ‹ My rooms
          </a>
          <h1>Who is let in</h1>
          <p className="page__lede">People whose sign-in does not answer, and organisations whose sign-in is not to be trusted. {coming.data.may ? "Each step takes your second factor, and is on record." : "Those who lead a live incident room, and the hosts’ administrators, decide here."}</p>
          {coming.data.may ? (
            <ComingIn
              coming={coming.data}
              onApprove={async (id, reason) => {
                const code = await api.approveComing(id, reason);
                await coming.refetch();
                return code;
              }}
              onRefuse={async (id) => {
                await api.refuseComing(id);
                await coming.refetch();
              }}
            />
          ) : null}
          <Frozen
            freezes={freezes.data}
            named={named}
            onLook={api.freezes}
            onFreeze={async (code, reason) => {
              await api.freeze(code, reason);
              await both();
            }}
            onReadmit={async (code, person, how) => {
              await api.readmit(code, person, how);
              await both();
            }}
            onUnfreeze={async (code, reason) => {
              await api.unfreeze(code, reason);
              await both();
            }}
          />
        </div>
      )}
    </Plain>
  );
}

/** The second factor where no sign-in service is asked for it. */
export function StepUpPage({ back, go }: { back: string; go: Go }) {
  const { session, api, signIn } = useInside();
  const submit = useSubmit();
  const home = back.startsWith("/") && !back.startsWith("//") ? back : "/";
  const confirm = () =>
    void submit.run(async () => {
      const begun = await api.beginStepUp();
      await api.stepUp(begun.state, await showPasskey(begun.options).catch(makeRefusal));
      location.assign(home);
    });
  return (
    <Plain title="Confirm that it is you" go={go}>
      <div className="page page--narrow stepup">
        <a className="page__back" href={home}>
          ‹ Back
        </a>
        <h1>Confirm that it is you</h1>
        <ErrorSummary problems={submit.problems} />
        {session.way === "code" ? (
          <p>You came in by codes, which stand for no act that asks for your second factor anew. It waits until your own sign-in answers, or is done by somebody who signed in.</p>
        ) : (
          <>
            {session.way === "" ? <p>Your sign-in service does not answer just now.</p> : <p>You signed in with a passkey: use it again.</p>}
            {session.passkey && passkeysWork() ? (
              <div className="actions">
                <Button busy={submit.busy} onClick={confirm}>
                  Use my passkey
                </Button>
              </div>
            ) : (
              <p>You have no passkey here. You can add one on the page “My sessions” once your sign-in answers.</p>
            )}
            {session.way === "" ? (
              <p>
                <a href={`/auth/step-up?${new URLSearchParams({ return: home }).toString()}`}>Try my sign-in service again</a>
              </p>
            ) : null}
          </>
        )}
        <p>
          If you need it now, <DutyNumber duty={signIn.duty} />.
        </p>
      </div>
    </Plain>
  );
}
