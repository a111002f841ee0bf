import { describe, expect, it } from "vitest";
import { messagesWords } from "./Messages";

describe("how far messages about an alert have come, in words", () => {
  it("says what arrived, what did not, and how many confirmed", () => {
    const one = (state: "delivered" | "queued" | "technical" | "not_sent", messages: number, acknowledged = 0) => ({ channel: "sms" as const, state, messages, acknowledged });
    expect(messagesWords([one("delivered", 31, 12), one("queued", 2), one("technical", 1)])).toBe("31 of 34 messages delivered, 2 on the way, 1 did not arrive. Receipt of 12 confirmed.");
    expect(messagesWords([one("delivered", 1), one("not_sent", 1)])).toBe("1 of 2 messages delivered, 1 not sent. Nobody has confirmed receipt.");
    expect(messagesWords([])).toContain("Nobody has been written to");
  });
});
