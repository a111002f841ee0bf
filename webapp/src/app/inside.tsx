import type { QueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { Api } from "../protocol/api";
import type { Session, SignIn } from "../protocol/rest";
import type { Rooms } from "../room/store";
import type { Connection } from "../stream/connection";

/** What every page of a signed-in person stands on; made once per session. */
export type Inside = {
  api: Api;
  session: Session;
  signIn: SignIn;
  connection: Connection;
  rooms: Rooms;
  queries: QueryClient;
  /** The server's time less this device's, in milliseconds. */
  skew: number;
  signOut: () => void;
};

const Context = createContext<Inside | null>(null);
export const InsideProvider = Context.Provider;

/** The signed-in person's world. */
export function useInside(): Inside {
  const c = use(Context);
  if (!c) throw new Error("used outside a session");
  return c;
}
