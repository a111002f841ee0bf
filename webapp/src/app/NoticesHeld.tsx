import { useQuery } from "@tanstack/react-query";
import { heldSentence } from "../features/notices/ways";
import { useInside } from "./inside";

const ask = 10_000; // how often a host's page asks whether messages go out

/** One line for the hosts, and for administrators, while text messages or e-mails do not go out. */
export function NoticesHeld() {
  const { api, session } = useInside();
  const { data } = useQuery({ queryKey: ["ways"], queryFn: () => api.ways(session.host ? "host" : "admin"), enabled: session.host || session.admin, refetchInterval: ask });
  const said = data ? heldSentence(data) : null;
  return (
    <div role="status" className="banner-place">
      {said ? (
        <div className="banner banner--held">
          <span>{said}</span>
        </div>
      ) : null}
    </div>
  );
}
