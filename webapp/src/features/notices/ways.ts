import type { NoticeRow, WayRow } from "../../protocol/notices";
import { timeOfDay } from "../../ui/time";
import { plural } from "../../ui/words";

const because: Record<string, string> = {
  unreachable: "GOV.UK Notify does not answer",
  exhausted: "the day’s limit is spent; it begins anew at midnight UTC",
  denied: "GOV.UK Notify does not let this service in",
  strange: "something answers that is not GOV.UK Notify",
};

function why(w: WayRow): string {
  if (w.held === "skewed") return `this server’s clock is wrong by ${plural(Math.abs(w.skew ?? 0), "second")}`;
  const said = because[w.held ?? ""] ?? "it is held";
  return w.way === "smtp" ? said.replace("GOV.UK Notify", "the mail server") : said;
}

/** What the hosts are told while messages do not go out; null while they do. */
export function heldSentence(ways: readonly WayRow[]): string | null {
  const held = (way: string) => ways.find((w) => w.way === way && w.set && w.held);
  const text = held("sms");
  const mail = held("email");
  const smtp = ways.find((w) => w.way === "smtp");
  const second = smtp?.set && !smtp.held;
  const bad = text ?? mail;
  if (!bad) return null;
  const what = text && mail && !second ? "Text messages and e-mails are" : text ? "Text messages are" : second ? null : "E-mails are";
  if (what === null) return null;
  const since = bad.since ? ` since ${timeOfDay(bad.since)}` : "";
  const waiting = ways.reduce((n, w) => n + (w.way === "sms" || w.way === "email" ? w.waiting : 0), 0);
  return `${what} not going out${since}: ${why(bad)}. ${waiting > 0 ? `${plural(waiting, "message")} ${waiting === 1 ? "waits" : "wait"} and will be sent.` : "What is asked for waits and will be sent."}${text && second ? " E-mails go another way." : ""} Ring who must know now; in the application everything goes on.`;
}

const stateWords = (n: NoticeRow): string => {
  const at = n.at ? ` ${timeOfDay(n.at)}` : "";
  switch (n.state) {
    case "waiting":
      return "is waiting to be sent";
    case "sent":
      return `sent${at}, not known to have arrived yet`;
    case "arrived":
      return `sent${at}, arrived`;
    case "failed":
      return `sent${at}, did not arrive`;
    case "not_sent":
      return "was not sent";
  }
};

const details: Record<string, string> = {
  temporary: "telephone off or out of reach", permanent: "no such number or address", technical: "it never left", refused: "it was not taken",
  uncertain: "it may have gone already; that is being asked", gone: "they are not to be told any more", answered: "no longer needed", here: "they are signed in and active",
  quiet: "their quiet hours", no_channel: "they have given no verified number or address", repeats: "they were told a moment ago", exercise: "an exercise reaches only test numbers",
  over: "it is over", late: "it lay too long", no_way: "nothing is set up to send it", stopped: "it was stopped", frozen: "nobody is told of this room at present",
};

/** "Text message sent 14:02 GMT, arrived, acknowledged 14:05 GMT." */
export function noticeSentence(n: NoticeRow): string {
  const what = n.channel === "sms" ? "Text message" : "E-mail";
  const why = n.detail ? details[n.detail] : undefined;
  return `${what} ${stateWords(n)}${n.acknowledged ? `, acknowledged ${timeOfDay(n.acknowledged)}` : ""}${why ? `: ${why}` : ""}`;
}
