import { useEffect, useState } from "react";
import { CodePage } from "../features/join/CodePage";
import { AskPage } from "../features/join/AskPage";
import { JoinPage } from "../features/join/JoinPage";
import { AskedPage, NotYouPage } from "../features/join/WaitingPages";
import { DeadLinkPage } from "../features/signin/DeadLinkPage";
import type { InvitationLook, InvitationName } from "../protocol/rest";
import { shownProblem } from "../ui/problem";
import { Failed, Loading } from "../ui/State";
import { useInside } from "./inside";
import { emptyPocket, pocketed } from "./pocket";
import { Plain, type Go } from "./pages";
import { roomsKey } from "./useMyRooms";

type State = { at: "code" } | { at: "looking" } | { at: "look"; look: InvitationLook } | { at: "asked"; look: InvitationLook } | { at: "dead" } | { at: "notYou"; detail: string } | { at: "failed"; detail: string };

const again = 5_000; // how often a person who waits to be let in asks again

/** From a link or a code into the room. */
export function JoinRoute({ invitation, go }: { invitation: string | null; go: Go }) {
  const { api, session, signIn, signOut, queries } = useInside();
  const [name, setName] = useState<InvitationName | null>(() => {
    const token = pocketed("join");
    return invitation !== null ? { invitation } : token !== "" ? { token } : null;
  });
  const [state, setState] = useState<State>(name ? { at: "looking" } : { at: "code" });

  const join = async (which: InvitationName, seen: InvitationLook, rules: number, otp?: string): Promise<void> => {
    const answer = await api.join(which, rules, otp);
    if ("room" in answer) {
      emptyPocket("join");
      await queries.invalidateQueries({ queryKey: roomsKey });
      go(`/rooms/${answer.room}`);
    } else if (answer.state === "asked") setState({ at: "asked", look: seen });
    else await look(which); // tied by now: it can be shown whole
  };

  const look = async (which: InvitationName): Promise<void> => {
    try {
      const seen = await api.lookAtInvitation(which);
      setState(seen.state === "asked" ? { at: "asked", look: seen } : { at: "look", look: seen });
    } catch (e) {
      const p = shownProblem(e);
      if (p.fault === "not_found") {
        emptyPocket("join");
        setState({ at: "dead" });
      } else if (p.fault === "forbidden") setState({ at: "notYou", detail: p.detail });
      else setState({ at: "failed", detail: p.detail });
    }
  };
  // Once for each invitation that was named.
  useEffect(() => {
    if (name) void look(name);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [name]);
  useEffect(() => {
    if (state.at !== "asked" || !name) return;
    const t = window.setInterval(() => void look(name), again);
    return () => window.clearInterval(t);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [state.at, name]);

  // Another link opened in this tab changes only what is behind the #.
  useEffect(() => {
    const other = () => {
      if (location.hash !== "") location.reload();
    };
    window.addEventListener("hashchange", other);
    return () => window.removeEventListener("hashchange", other);
  }, []);

  const body = () => {
    switch (state.at) {
      case "code":
        return (
          <CodePage
            onCode={async (code) => {
              setState({ at: "looking" });
              setName({ code });
            }}
          />
        );
      case "looking":
        return <Loading what="your invitation" />;
      case "dead":
        return <DeadLinkPage duty={signIn.duty} onAsk={name ? () => api.askForLink(name) : undefined} />;
      case "notYou":
        return <NotYouPage session={session} detail={state.detail} duty={signIn.duty} onSignOut={signOut} />;
      case "failed":
        return <Failed title="Your invitation could not be looked up" detail={state.detail} onRetry={() => name && void look(name)} />;
      case "asked":
        return <AskedPage look={state.look} session={session} duty={signIn.duty} onCheck={() => name && void look(name)} onDigits={() => setState({ at: "look", look: state.look })} />;
      case "look": {
        const { look: seen } = state;
        if (!name) return null;
        return seen.title !== undefined && seen.seat ? (
          <JoinPage look={seen} title={seen.title} seat={seen.seat} session={session} onSignOut={signOut} onJoin={() => join(name, seen, seen.rules.version)} />
        ) : (
          <AskPage look={seen} session={session} onSignOut={signOut} onAsk={(otp) => join(name, seen, 0, otp)} />
        );
      }
    }
  };
  return (
    <Plain title="Join a room" go={go}>
      {body()}
    </Plain>
  );
}
