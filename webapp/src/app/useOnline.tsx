import { useSyncExternalStore } from "react";

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
};

/** Whether the browser believes that it has a network. A socket may still look alive after it has gone. */
export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);
