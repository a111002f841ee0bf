// Desktop notifications say that something is new and in which room, by its
// reference. They have no place for content.

export type NoticeState = "unsupported" | "ask" | "on" | "off";

export const noticeState = (): NoticeState => (typeof Notification === "undefined" ? "unsupported" : Notification.permission === "granted" ? "on" : Notification.permission === "denied" ? "off" : "ask");

/** Asks the browser; only from a button. */
export async function askForNotices(): Promise<NoticeState> {
  if (typeof Notification === "undefined") return "unsupported";
  await Notification.requestPermission();
  return noticeState();
}

const words = { mention: "You were mentioned.", colleague: "Who is here for your organisation has changed.", new: "There is something new." } as const;

/** Tells of something new in a room, once for each room until it is looked at. */
export function notify(reference: string, mode: "incident" | "exercise", what: keyof typeof words): void {
  if (noticeState() !== "on" || document.visibilityState === "visible") return;
  const note = new Notification(`${mode === "exercise" ? "EXERCISE " : ""}${reference}`, { body: words[what], tag: `wardroom-${reference}`, silent: false });
  note.addEventListener("click", () => {
    window.focus();
    note.close();
  });
}
