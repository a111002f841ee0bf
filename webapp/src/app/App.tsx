import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { AckPage } from "../features/notices/AckPage";
import { OtherWays } from "../features/signin/OtherWays";
import { SignInPage } from "../features/signin/SignInPage";
import { createApi, type Api } from "../protocol/api";
import { passkeysWork, showPasskey } from "../protocol/fallback";
import type { Session, SignIn } from "../protocol/rest";
import { workerProver } from "../proof/workerProver";
import { createRooms } from "../room/store";
import { browserClock, browserDeps, followBrowser } from "../stream/browser";
import { createConnection } from "../stream/connection";
import { indexedShelf } from "../stream/shelf";
import { AnnouncerProvider } from "../ui/Announcer";
import { shownProblem } from "../ui/problem";
import { DraftsProvider } from "../ui/useDraft";
import { Failed, Loading } from "../ui/State";
import { InsideProvider, useInside, type Inside } from "./inside";
import { followLinks } from "./links";
import { LockScreen, LockWarning } from "./Lock";
import { forgetLock, lockedBy, rememberLock } from "./locked";
import { pocketed } from "./pocket";
import { keyMemory } from "./keyMemory";
import { go, router } from "./router";
import { Shell } from "./Shell";
import { idleAfter, useIdle } from "./useIdle";
import { useRoomsWatch } from "./useMyRooms";

type State = { at: "loading" } | { at: "failed"; detail: string } | { at: "outside"; signIn: SignIn; api: Api } | { at: "inside"; inside: Inside };

// Builds what a signed-in person's pages stand on.
async function enter(api: Api, session: Session, signIn: SignIn, signOut: () => void): Promise<Inside> {
  const connection = createConnection(browserDeps({ ticket: api.ticket }));
  const random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
  const skew = Date.parse(session.now) - Date.now();
  const rooms = createRooms({ api, connection, clock: browserClock, random, shelf: await indexedShelf(), person: session.person.id, deployment: signIn.deployment, prover: workerProver, keyMemory: keyMemory(signIn.deployment), skew });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 10_000 } } });
  connection.start();
  return { api, session, signIn, connection, rooms, queries, skew, signOut };
}

/** Who is here decides what is shown: the sign-in page, or everything else. */
export function App() {
  const [state, setState] = useState<State>({ at: "loading" });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let live = true;
    let leave: (() => void) | null = null;
    pocketed("join");
    pocketed("setup");
    const boot = async () => {
      const out = () => {
        if (!live) return;
        leave?.();
        leave = null;
        api.signIn().then((signIn) => live && setState({ at: "outside", signIn, api }), () => undefined);
      };
      const api = createApi({ fetch: window.fetch.bind(window), onSignedOut: out });
      const signIn = await api.signIn();
      if (!signIn.signedIn) {
        if (live) setState({ at: "outside", signIn, api });
        return;
      }
      let session: Session;
      try {
        session = await api.session();
      } catch (e) {
        if (shownProblem(e).fault !== "signed_out") throw e;
        if (live) setState({ at: "outside", signIn, api });
        return;
      }
      forgetLock();
      const inside = await enter(api, session, signIn, () => {
        void api.signOut().catch(() => undefined).finally(() => location.assign("/sign-in"));
      });
      const unfollow = followBrowser(inside.connection);
      leave = () => {
        unfollow();
        inside.rooms.dispose();
        inside.connection.stop();
        inside.queries.clear();
      };
      if (live) setState({ at: "inside", inside });
      else leave();
    };
    boot().catch((e: unknown) => live && setState({ at: "failed", detail: shownProblem(e).detail }));
    return () => {
      live = false;
      leave?.();
    };
  }, [attempt]);

  useEffect(() => followLinks(go), []);

  switch (state.at) {
    case "loading":
      return (
        <Outside>
          <Loading what="Wardroom" />
        </Outside>
      );
    case "failed":
      return (
        <Outside>
          <Failed title="Wardroom cannot be reached" detail={state.detail} onRetry={() => setAttempt(attempt + 1)} />
        </Outside>
      );
    case "outside":
      return location.pathname === "/ack" ? <Acknowledging api={state.api} /> : <SignedOut signIn={state.signIn} />;
    case "inside":
      return (
        <QueryClientProvider client={state.inside.queries}>
          <InsideProvider value={state.inside}>
            <DraftsProvider value={state.inside.rooms.drafts("")}>
              <AnnouncerProvider>
              <SignedIn />
              </AnnouncerProvider>
            </DraftsProvider>
          </InsideProvider>
        </QueryClientProvider>
      );
  }
}

function Outside({ children }: { children: ReactNode }) {
  return (
    <Shell session={null} room={null} go={go}>
      {children}
    </Shell>
  );
}

/** The page that a lock leaves, also when it is loaded again. */
function Locked({ name, issuer }: { name: string; issuer: string }) {
  const again = new URLSearchParams({ issuer, return: location.pathname + location.search });
  return (
    <Outside>
      <LockScreen name={name} onUnlock={() => location.assign(`/auth/start?${again.toString()}`)} />
    </Outside>
  );
}

/** The page where a message is acknowledged, for who is not signed in: it asks for nothing else. */
function Acknowledging({ api }: { api: Api }) {
  useEffect(() => {
    document.title = "Acknowledge a message – Wardroom";
  }, []);
  return (
    <Outside>
      <AckPage onAck={api.acknowledge} />
    </Outside>
  );
}

function SignedOut({ signIn }: { signIn: SignIn }) {
  const locked = lockedBy();
  if (locked !== "" && signIn.issuers.some((i) => i.key === locked && i.up) && !new URL(location.href).searchParams.has("problem")) return <Locked name="" issuer={locked} />;
  return <SignInAgain signIn={signIn} />;
}

function SignInAgain({ signIn }: { signIn: SignIn }) {
  const here = new URL(location.href);
  const asked = here.searchParams.get("return");
  const returnTo = here.pathname === "/sign-in" ? (asked ?? "/") : here.pathname + here.search;
  useEffect(() => {
    document.title = "Sign in – Wardroom";
  }, []);
  const [api] = useState(() => createApi({ fetch: window.fetch.bind(window) }));
  const home = returnTo.startsWith("/") && !returnTo.startsWith("//") ? returnTo : "/";
  const passkey = async () => {
    const begun = await api.beginPasskeySignIn();
    await api.passkeySignIn(begun.state, await showPasskey(begun.options));
    location.assign(home);
  };
  return (
    <Outside>
      <SignInPage signIn={signIn} returnTo={returnTo} problem={here.searchParams.get("problem") ?? undefined} joining={returnTo.startsWith("/join")}>
        {signIn.issuers.length > 0 ? (
          <OtherWays
            duty={signIn.duty}
            onPasskey={passkeysWork() ? passkey : null}
            onAsk={api.askCodes}
            onFirst={api.firstCode}
            onSecond={async (request, code) => {
              await api.secondCode(request, code);
              location.assign(home);
            }}
          />
        ) : null}
      </SignInPage>
    </Outside>
  );
}

/** The pages, behind the lock. */
function SignedIn() {
  const { api, session, connection, skew } = useInside();
  const { issuer, name } = session.person;
  const touch = useCallback(() => void api.active().catch(() => undefined), [api]);
  // What is hidden here must not be had by loading the page again: the session itself is locked.
  const lock = useCallback(() => {
    rememberLock(issuer);
    connection.lock();
    void api.lock().catch(() => undefined);
  }, [api, connection, issuer]);
  const { idle, stay, locksAt } = useIdle(touch, lock, Date.parse(session.locksAt) - skew - idleAfter);
  useEffect(() => {
    if (idle !== "locked") return;
    rememberLock(issuer);
    connection.lock(); // another tab locked the session
  }, [idle, connection, issuer]);
  if (idle === "locked") return <Locked name={name} issuer={issuer} />;
  return (
    <>
      <RouterProvider router={router} />
      <RoomsWatch />
      {idle === "warned" ? <LockWarning locksAt={locksAt} onStay={stay} /> : null}
    </>
  );
}

function RoomsWatch() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => router.subscribe("onResolved", () => setPath(location.pathname)), []);
  useRoomsWatch(/^\/rooms\/([a-z2-7]+)/.exec(path)?.[1] ?? null);
  return null;
}
