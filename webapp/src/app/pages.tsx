import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { AlertsNotice } from "../features/alerts/Notice";
import { RoomsPanel } from "../features/rooms/RoomsPanel";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { useNow } from "../ui/useNow";
import { useInside } from "./inside";
import { Shell } from "./Shell";
import { pageTitle } from "./title";
import { useMyRooms } from "./useMyRooms";

export type Go = (href: string) => void;

/** A page outside rooms: shell and title. */
export function Plain({ title, go, children }: { title: string; go: Go; children: ReactNode }) {
  const inside = useInside();
  const { rooms } = useMyRooms();
  const unread = (rooms?.rooms ?? []).filter((r) => !r.muted).reduce((n, r) => n + r.unread, 0);
  useEffect(() => {
    document.title = pageTitle(title, unread, null);
  }, [title, unread]);
  return (
    <Shell session={inside.session} room={null} onSignOut={inside.signOut} go={go}>
      {children}
    </Shell>
  );
}

export function HomePage({ go }: { go: Go }) {
  const { session, api, skew } = useInside();
  const mine = useMyRooms();
  const now = useNow(skew).getTime();
  const alerts = useQuery({ queryKey: ["alerts"], queryFn: api.alerts.list, enabled: session.orgs.length > 0, refetchInterval: 60_000 });
  return (
    <Plain title="My rooms" go={go}>
      <AlertsNotice alerts={alerts.data?.alerts ?? []} now={now} />
      <RoomsPanel as="page" rooms={mine.rooms} failed={mine.failed} mayOpen={session.host} mayReport={session.registered && session.orgs.length > 0} onRetry={mine.retry} onMute={mine.mute} />
    </Plain>
  );
}

export function MissingPage({ go }: { go: Go }) {
  return (
    <Plain title="Not found" go={go}>
      <NotFoundPage />
    </Plain>
  );
}
