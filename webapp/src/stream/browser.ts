// The browser's own clock, chance and socket for the connection.
import type { Clock, Connection, ConnectionDeps, Socket } from "./connection";

export const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
};

export function browserDeps(deps: { readonly ticket: () => Promise<string> }): ConnectionDeps {
  return {
    clock: browserClock,
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    socket: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/stream`) as unknown as Socket,
    ticket: deps.ticket,
  };
}

/** Tells the connection what the browser knows: network and visibility. Returns what ends it. */
export function followBrowser(connection: Connection): () => void {
  const up = () => connection.network(true);
  const down = () => connection.network(false);
  const seen = () => {
    if (document.visibilityState === "visible") connection.wake();
  };
  window.addEventListener("online", up);
  window.addEventListener("offline", down);
  document.addEventListener("visibilitychange", seen);
  if (!navigator.onLine) down();
  return () => {
    window.removeEventListener("online", up);
    window.removeEventListener("offline", down);
    document.removeEventListener("visibilitychange", seen);
  };
}
