import { dateAndTime, plainDate } from "../../ui/time";

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** A source's time, no finer than the source gives it: "12 May 2017, 16:10 BST", "12 May 2017", "May 2017", "2017". */
export function injectTime(at: string): string {
  if (/^\d{4}-\d{2}-\d{2}T/.test(at)) return dateAndTime(at);
  if (/^\d{4}-\d{2}-\d{2}$/.test(at)) return plainDate(`${at}T12:00:00Z`);
  const month = /^(\d{4})-(\d{2})$/.exec(at);
  if (month) return `${months[Number(month[2]) - 1] ?? ""} ${month[1] ?? ""}`.trim();
  return at;
}
