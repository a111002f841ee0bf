import { useState } from "react";
import { SetupPage } from "../features/setup/SetupPage";
import { DeadLinkPage } from "../features/signin/DeadLinkPage";
import { shownProblem } from "../ui/problem";
import { useInside } from "./inside";
import { emptyPocket, pocketed } from "./pocket";
import { Plain, type Go } from "./pages";

/** From the link that setting up printed to administration. */
export function SetupRoute({ go }: { go: Go }) {
  const { api, session, signIn } = useInside();
  const [token] = useState(() => pocketed("setup"));
  const [dead, setDead] = useState(token === "");
  return (
    <Plain title="Set up" go={go}>
      {dead ? (
        <DeadLinkPage duty={signIn.duty} />
      ) : (
        <SetupPage
          session={session}
          onSetUp={async ({ name, org }) => {
            try {
              await api.setup({ token, ...(name === "" ? {} : { name }), ...(org === "" ? {} : { org }) });
            } catch (e) {
              if (shownProblem(e).fault !== "not_found") throw e;
              emptyPocket("setup");
              setDead(true);
              return;
            }
            emptyPocket("setup");
            location.assign("/admin/deployment"); // afresh: the session is another one now
          }}
        />
      )}
    </Plain>
  );
}
