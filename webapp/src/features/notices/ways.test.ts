import { describe, expect, it } from "vitest";
import type { WayRow } from "../../protocol/notices";
import { heldSentence, noticeSentence } from "./ways";

const way = (w: Partial<WayRow> & { way: string }): WayRow => ({ set: true, waiting: 0, ...w });

describe("what the hosts are told of messages that do not go out", () => {
  it("says nothing while they do, and nothing of ways that are not set up", () => {
    expect(heldSentence([way({ way: "sms" }), way({ way: "email" }), way({ way: "smtp", set: false })])).toBeNull();
    expect(heldSentence([way({ way: "sms", set: false, held: "unreachable" })])).toBeNull();
  });
  it("says since when, why, how many wait, and what still works", () => {
    const since = "2026-11-22T14:02:00Z";
    const all = heldSentence([way({ way: "sms", held: "skewed", skew: 45, since, waiting: 3 }), way({ way: "email", held: "skewed", skew: 45, since }), way({ way: "smtp" })]);
    expect(all).toContain("Text messages are not going out since 14:02");
    expect(all).toContain("wrong by 45 seconds");
    expect(all).toContain("3 messages wait");
    expect(all).toContain("E-mails go another way");
    expect(heldSentence([way({ way: "sms", held: "unreachable" }), way({ way: "email", held: "unreachable" }), way({ way: "smtp", held: "unreachable" })])).toContain("Text messages and e-mails are not going out");
  });
});

describe("a message's state in words", () => {
  it("says when, and why not", () => {
    expect(noticeSentence({ instance: "step-1", purpose: "escalation", channel: "sms", state: "arrived", at: "2026-11-22T14:02:00Z", acknowledged: "2026-11-22T14:05:00Z" })).toBe("Text message sent 14:02 GMT, arrived, acknowledged 14:05 GMT");
    expect(noticeSentence({ instance: "step-1", purpose: "escalation", channel: "email", state: "not_sent", detail: "no_channel" })).toBe("E-mail was not sent: they have given no verified number or address");
  });
});
