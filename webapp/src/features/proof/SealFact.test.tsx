import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { noKeys, type KeysView } from "../../proof/keys";
import { type Integrity, type Mark, unchecked } from "../../proof/prover";
import { AnnouncerProvider } from "../../ui/Announcer";
import { ForkWarning } from "./ForkWarning";
import { SealFact } from "./SealFact";
import { evidenceText } from "./words";

const by = (name: string) => ({ name, hash: "00000000", algorithm: "Ed25519" as const, fingerprint: "0000", at: null });
const mark = (size: number, cosigned: boolean): Mark => ({
  size, cosigned, at: "2026-01-27T02:14:07Z", by: [by("wardroom.dsc.example/wardroom/1/notary"), ...(cosigned ? [by("witness.ncsc.example/wardroom/1/witness")] : [])],
});
const ok: Integrity = { ...unchecked, status: "ok", size: 213, cosigned: mark(213, true), signed: mark(213, true) };
const fact = (integrity: Integrity, unsealed: string | null = null, keys: KeysView = noKeys) => (
  <AnnouncerProvider>
    <SealFact integrity={integrity} keys={keys} unsealed={unsealed} onKeys={() => {}} onCheck={() => {}} />
  </AnnouncerProvider>
);
const said = () => screen.getByRole("status").textContent;

afterEach(cleanup);

describe("the room's seal", () => {
  it("says who sealed and who witnessed, up to which entry and when", () => {
    render(fact(ok));
    expect(screen.getByRole("region", { name: "Seal" }).textContent).toContain(
      "Sealed by wardroom.dsc.example and witnessed by witness.ncsc.example up to entry 212, 02:14:07 GMT.Checked in this browser: the log you see is the one that was sealed.",
    );
    expect(said()).toBe("");
  });

  it("says aloud once that sealing has stopped, and once that it goes on, not for every entry", () => {
    const { rerender } = render(fact(ok));
    rerender(fact({ ...ok, size: 214, signed: mark(214, false) }, "2026-01-27T02:14:09Z"));
    expect(said()).toBe("Unsealed since 02:14 GMT. Writing goes on; the witness does not answer.");
    const region = screen.getByRole("status").firstElementChild;
    rerender(fact({ ...ok, size: 215, signed: mark(215, false) }, "2026-01-27T02:14:09Z"));
    expect(screen.getByRole("status").firstElementChild).toBe(region);
    expect(screen.getByRole("region", { name: "Seal" }).textContent).toContain("and the entries since follow on from it");
    rerender(fact({ ...ok, size: 215, cosigned: mark(215, true) }));
    expect(said()).toBe("The log is sealed again.");
  });

  it("says when the operator itself has not signed, when there is no seal, and when fewer entries came than were sealed", () => {
    const { rerender } = render(fact({ ...ok, size: 214 }, "2026-01-27T02:14:09Z"));
    expect(screen.getAllByText(/the server has not signed for the newest entries/)).toHaveLength(2); // read and heard
    rerender(fact({ ...ok, cosigned: null, signed: null }));
    expect(screen.getByText(/There is no seal yet/)).toBeTruthy();
    rerender(fact({ ...ok, ahead: 230 }));
    expect(screen.getByText(/The seal covers entries up to 229; this browser has been sent those up to 212 so far/)).toBeTruthy();
    rerender(fact({ ...ok, unlinked: true }));
    expect(screen.getByText(/has not yet shown that this log continues/)).toBeTruthy();
  });

  it("warns of keys that are not the ones this browser knew", () => {
    render(fact(ok, null, { keys: null, changes: [{ of: "witness", how: "changed", before: ["a"], now: ["b"] }] }));
    expect(screen.getByRole("alert").textContent).toContain("are not the ones this browser knew");
  });
});

describe("the warning that a log does not fit together", () => {
  const alarm = { kind: "fork" as const, why: "the seal up to entry 212 is for another log than the one shown here", size: 213, here: "aa".repeat(32), there: "bb".repeat(32), notes: ["first\n", "second\n"] };
  const evidence = () => evidenceText(alarm, { reference: "INC-2026-0001", origin: "wardroom.dsc.example/wardroom/1/room/x", size: 220, root: "cc" }, "2026-01-27T02:14:07Z");

  it("says what to do, and cannot be sent away: only put behind a strip that stays", async () => {
    const user = userEvent.setup();
    render(<ForkWarning alarm={alarm} reference="INC-2026-0001" duty="020 7946 0160" evidence={evidence} />);
    expect(screen.getByRole("alert").textContent).toContain("Do not rely on this screen");
    expect(screen.getAllByRole("link", { name: "020 7946 0160" }).length).toBe(2);
    for (const words of [/Keep this tab open/, /Copy the evidence/, /Do not act on what this room shows/]) expect(screen.getByText(words)).toBeTruthy();
    expect(document.activeElement?.textContent).toBe("Do not rely on this screen");
    await user.click(screen.getByRole("button", { name: "Show the room behind this warning" }));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByRole("region", { name: "Warning about this log" }).textContent).toContain("Do not rely on this screen");
    await user.click(screen.getByRole("button", { name: "What to do now" }));
    expect(screen.getByRole("alert")).toBeTruthy();
  });

  it("copies both roots, the size and the notes, as they were found", async () => {
    const user = userEvent.setup();
    const { rerender } = render(<ForkWarning alarm={alarm} reference="INC-2026-0001" duty="" evidence={evidence} />);
    rerender(<ForkWarning alarm={alarm} reference="INC-2026-0001" duty="" evidence={() => "another"} />);
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(screen.getByRole("button", { name: "Copy evidence" }));
    const text = write.mock.calls[0]?.[0] ?? "";
    for (const part of [alarm.here, alarm.there, "Size:      213", "first", "second", "wardroom.dsc.example/wardroom/1/room/x", alarm.why]) expect(text).toContain(part);
  });
});
