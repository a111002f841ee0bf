import { noCadence } from "../../protocol/cadence";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../protocol/problem";
import type { MessageDraft, Preflight } from "../../protocol/rest";
import type { Facts, MemberFacts } from "../../protocol/types";
import { createUploads } from "../../stream/uploads";
import type { AskReceivers } from "../../ui/usePreflight";
import { Composer } from "./Composer";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

const member = (number: number, name: string, host = false): MemberFacts => ({
  root: number, number, state: "joined", name, org: host ? "DSC" : "R1H", orgName: host ? "Data Security Centre" : "Barts Health", orgType: host ? "host" : "acute_trust", ods: "", tier: "operational", role: host ? "lead" : "representative",
  host, start: 0, rules: 1, invitedBy: 1, invited: null, joined: null, ended: null, askedName: "",
});
const facts: Facts = {
  room: { id: "r".repeat(26), reference: "INC-2026-0001", title: "T", mode: "incident", lifecycle: "responding", section: 1, roster: "names", tlp: "TLP:AMBER+STRICT", hosts: ["DSC"], assessors: [], called: [], cell: null, opened: "2026-11-21T20:00:00.000Z", clock: null, earlier: null, ended: null },
  you: 1, members: [member(1, "Priya Anand", true), member(2, "Jo Bell"), member(3, "Sam Cole")], rules: null, brief: null, report: null, pins: [], assessments: [], books: [], retention: { years: 20, seq: 0, by: {}, at: null }, holds: [], erasures: [], posts: [], cadence: noCadence,
};

const on = { send: vi.fn<(m: MessageDraft) => void>(), ask: vi.fn<AskReceivers>(), correct: vi.fn(), draft: vi.fn(), typing: vi.fn(), last: vi.fn(), cancel: vi.fn() };
/** What the server says: everybody named, and the one who sends. */
const receive = (head: number, members: Preflight["members"]): Preflight => ({ head, members, unnamed: false, organisations: [...new Set(members.map((m) => m.org))].map((org) => ({ org, orgName: org === "DSC" ? "Data Security Centre" : "Barts Health", supplier: false, people: members.filter((m) => m.org === org).length, whole: false })) });
const receiver = (number: number, name: string, more: Partial<Preflight["members"][number]> = {}): Preflight["members"][number] => ({ number, name, org: number === 1 ? "DSC" : "R1H", orgName: number === 1 ? "Data Security Centre" : "Barts Health", role: "representative", joined10: false, supplier: false, gained: false, already: false, ...more });
beforeEach(() => {
  Object.values(on).forEach((f) => f.mockReset());
  on.ask.mockImplementation(async (ask) => receive(40, (ask.audience?.members ?? [1]).map((n) => receiver(n, n === 2 ? "Jo Bell" : n === 1 ? "Priya Anand" : "Sam Cole"))));
  on.correct.mockResolvedValue({ seq: 9 });
});
type Props = Parameters<typeof Composer>[0];
const api = { begin: vi.fn(), put: vi.fn(), state: vi.fn(), drop: vi.fn() };
const uploads = () => createUploads({ room: "r", clock: { now: () => 0, after: () => () => undefined }, random: () => 0, ...api });
const composer = (more: Partial<Props> = {}) => (
  <Composer facts={facts} kept={null} answering={null} correcting={null} quoting={null} quoted={(q) => ({ ...q, root: q.entry, text: "words", lacks: "", tlp: "TLP:AMBER", author: null })} takenBack={null} offline={false} files={none.items} uploads={none} now={() => "2026-11-21T20:30:00.000Z"} onSend={on.send} onAsk={on.ask} onCorrect={on.correct} onDraft={on.draft} onTyping={on.typing} onEditLast={on.last} onCancel={on.cancel} {...more} />
);
const none = uploads();
const box = () => screen.getByRole<HTMLTextAreaElement>("textbox");

describe("the composer", () => {
  it("sends on Enter with the room's label and audience, and is empty then", async () => {
    render(composer());
    await userEvent.type(box(), "Imaging is down{Enter}");
    expect(on.send).toHaveBeenCalledExactlyOnceWith({ text: "Imaging is down", tlp: "TLP:AMBER+STRICT", audience: { kind: "room" } });
    expect(box().value).toBe("");
    expect(on.draft).toHaveBeenLastCalledWith(null);
  });

  it("makes a new line on Shift+Enter and sends no empty message", async () => {
    render(composer());
    await userEvent.type(box(), "  {Enter}");
    expect(on.send).not.toHaveBeenCalled();
    await userEvent.clear(box());
    await userEvent.type(box(), "a{Shift>}{Enter}{/Shift}b");
    expect(box().value).toBe("a\nb");
    expect(on.send).not.toHaveBeenCalled();
  });

  it("keeps a draft of what is being typed, with its label", async () => {
    render(composer());
    await userEvent.selectOptions(screen.getByLabelText("Label"), "TLP:GREEN");
    await userEvent.type(box(), "half a th");
    expect(on.draft).toHaveBeenLastCalledWith({ text: "half a th", tlp: "TLP:GREEN", audience: { kind: "room" } });
  });

  it("takes a kept draft that comes late, and never over what was typed since", async () => {
    const { rerender } = render(composer());
    rerender(composer({ kept: { text: "from before", tlp: "TLP:GREEN" } }));
    expect(box().value).toBe("from before");
    cleanup();
    const again = render(composer());
    await userEvent.type(box(), "new");
    again.rerender(composer({ kept: { text: "from before" } }));
    expect(box().value).toBe("new");
  });

  it("asks who for before RED goes anywhere", async () => {
    render(composer());
    await userEvent.selectOptions(screen.getByLabelText("Label"), "TLP:RED");
    await userEvent.type(box(), "for two only{Enter}");
    expect(on.send).not.toHaveBeenCalled();
    await userEvent.click(screen.getByLabelText("Jo Bell"));
    await userEvent.click(screen.getByRole("button", { name: "Done" }));
    await userEvent.type(box(), "{Enter}");
    expect(await screen.findByText("1 person in 1 organisation receives this")).toBeTruthy();
    expect(on.ask).toHaveBeenCalledExactlyOnceWith({ tlp: "TLP:RED", audience: { kind: "named", members: [1, 2] } });
    expect(on.send).not.toHaveBeenCalled();
    await userEvent.keyboard("{Enter}");
    expect(on.send).toHaveBeenCalledExactlyOnceWith({ text: "for two only", tlp: "TLP:RED", audience: { kind: "named", members: [1, 2] }, shown: 40 });
    expect(box().value).toBe("");
  });

  it("warns of an NHS number before it is sent, and takes it out at one press", async () => {
    render(composer());
    await userEvent.type(box(), "Bed 4 is 943 476 5919{Enter}");
    expect(on.send).not.toHaveBeenCalled();
    expect(screen.getByRole("alert").textContent).toContain("943 476 5919 reads as an NHS number");
    expect(document.activeElement?.textContent).toBe("Remove it");
    await userEvent.keyboard("{Enter}");
    expect(box().value).toBe("Bed 4 is [NHS number removed]");
    expect(document.activeElement).toBe(box());
    expect(screen.queryByText(/reads as an NHS number/)).toBeNull();
    await userEvent.keyboard("{Enter}");
    expect(on.send.mock.calls[0]?.[0].text).toBe("Bed 4 is [NHS number removed]");
  });

  it("sends what only reads as an NHS number as it is, and not another", async () => {
    render(composer());
    await userEvent.type(box(), "ticket 9434765919{Enter}");
    await userEvent.click(screen.getByRole("button", { name: "It is not one: send as it is" }));
    expect(on.send.mock.calls[0]?.[0].text).toBe("ticket 9434765919");
    await userEvent.type(box(), "and 4010232137{Enter}");
    expect(on.send).toHaveBeenCalledOnce();
    cleanup();
    render(composer());
    await userEvent.type(box(), "ticket 1234567890{Enter}");
    expect(on.send).toHaveBeenCalledTimes(2);
  });

  it("asks a host for a reason where a correction bears a protective marking, and nobody else", async () => {
    const refusal = new ApiError("invalid", "This bears the marking “SECRET”.", 422, [{ name: "text", message: "x" }], null, "protective_marking");
    on.correct.mockRejectedValueOnce(refusal);
    render(composer({ correcting: { seq: 7, text: "was" } }));
    await userEvent.clear(box());
    await userEvent.type(box(), "SECRET{Enter}");
    expect(screen.getByRole("alert").textContent).toBe("This bears the marking “SECRET”.");
    await userEvent.click(screen.getByRole("button", { name: "Save it with this reason" }));
    expect(screen.getByText(/Say why/)).toBeTruthy();
    await userEvent.type(screen.getByLabelText("Why it may stand here all the same"), "It is the exercise's{Enter}");
    expect(on.correct).toHaveBeenLastCalledWith(7, "SECRET", [], { override: "It is the exercise's" });
    cleanup();
    on.correct.mockRejectedValueOnce(refusal);
    render(composer({ facts: { ...facts, you: 2 }, correcting: { seq: 7, text: "was" } }));
    await userEvent.type(box(), "SECRET{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("SECRET");
    expect(screen.queryByRole("button", { name: "Save it with this reason" })).toBeNull();
  });

  it("shows who is new, who is a supplier and who may come later, and goes back to writing with nothing lost", async () => {
    on.ask.mockResolvedValue({
      head: 41,
      unnamed: true,
      members: [receiver(1, "Priya Anand"), receiver(2, "Jo Bell", { joined10: true }), receiver(3, "", { org: "S1C", orgName: "Calder Systems", supplier: true })],
      organisations: [
        { org: "R1H", orgName: "Barts Health", supplier: false, people: 1, whole: true },
        { org: "S1C", orgName: "Calder Systems", supplier: true, people: 1, whole: false },
      ],
    });
    render(composer({ kept: { text: "look", audience: { kind: "hosts" } } }));
    await userEvent.type(box(), "{Enter}");
    const panel = (await screen.findByText("2 people in 2 organisations receive this", { exact: false })).closest<HTMLElement>("[role=group]")!;
    for (const said of ["Joined in the last 10 minutes", "Supplier", "Goes to a supplier", "M-3", "and later joiners, if they may see earlier entries", "does not name every guest"]) expect(panel.textContent).toContain(said);
    expect(panel.textContent).not.toContain("Priya Anand");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("group", { name: /receive this/ })).toBeNull();
    expect(box().value).toBe("look");
    expect(document.activeElement).toBe(box());
    expect(on.send).not.toHaveBeenCalled();
  });

  it("asks again when what is written is changed, and never for ordinary chat", async () => {
    render(composer({ kept: { text: "look", audience: { kind: "hosts" } } }));
    await userEvent.type(box(), "{Enter}");
    await screen.findByText(/Nobody but you receives this now/);
    await userEvent.type(box(), "!");
    expect(screen.queryByText(/receives? this/)).toBeNull();
    cleanup();
    on.ask.mockClear();
    render(composer());
    await userEvent.type(box(), "chat{Enter}");
    expect(on.ask).not.toHaveBeenCalled();
    expect(on.send).toHaveBeenCalledOnce();
  });

  it("sends a reply where its parent went without asking, and asks once another audience is chosen", async () => {
    const { rerender } = render(composer());
    const answering = { seq: 12, author: "Jo Bell", memberNo: 2, excerpt: "one line", marking: { tlp: "TLP:AMBER" as const, originator: "R1H", audience: { kind: "named" as const, members: [1, 2], orgs: ["DSC"] } } };
    rerender(composer({ answering }));
    await userEvent.type(box(), "yes{Enter}");
    expect(on.ask).not.toHaveBeenCalled();
    expect(on.send).toHaveBeenCalledExactlyOnceWith({ text: "yes", replyTo: 12, tlp: "TLP:AMBER", audience: { kind: "named", members: [1, 2], orgs: ["DSC"] } });
    cleanup();
    render(composer({ answering }));
    await userEvent.click(screen.getByRole("button", { name: /^Audience/ }));
    await userEvent.click(screen.getByLabelText("Sam Cole"));
    await userEvent.click(screen.getByRole("button", { name: "Done" }));
    await userEvent.type(box(), "yes{Enter}");
    expect(await screen.findByText(/receive this/)).toBeTruthy();
    expect(on.ask).toHaveBeenCalledExactlyOnceWith({ replyTo: 12, tlp: "TLP:AMBER", audience: { kind: "named", members: [1, 2, 3], orgs: ["DSC"] } });
    expect(on.send).toHaveBeenCalledOnce();
  });

  it("says that it cannot be told now, keeps the text and looks again", async () => {
    on.ask.mockRejectedValueOnce(new ApiError("offline", "The service cannot be reached."));
    render(composer({ kept: { text: "look", audience: { kind: "hosts" } } }));
    await userEvent.type(box(), "{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing you wrote is lost");
    expect(box().value).toBe("look");
    await userEvent.click(screen.getByRole("button", { name: "Look again" }));
    expect(await screen.findByText(/Nobody but you receives this now/)).toBeTruthy();
  });

  describe("where guests are not told of one another", () => {
    const closed: Facts = { ...facts, room: { ...facts.room, roster: "hosts" }, members: [member(1, "Priya Anand", true), member(2, "Jo Bell"), { ...member(3, "Sam Cole"), org: "X2E", orgName: "Eastmere" }] };

    it("sends no audience that names two of them, and says why before it is chosen", async () => {
      render(composer({ facts: closed }));
      await userEvent.click(screen.getByRole("button", { name: /^Audience/ }));
      await userEvent.click(screen.getByLabelText("Named people and organisations"));
      await userEvent.click(screen.getByLabelText("Jo Bell"));
      expect(screen.queryByText(/guests are not told of one another/)).toBeNull();
      await userEvent.click(screen.getByLabelText("Eastmere"));
      expect(screen.getByText(/guests are not told of one another. Address each organisation/)).toBeTruthy();
      await userEvent.click(screen.getByRole("button", { name: "Done" }));
      expect(screen.getByRole("dialog")).toBeTruthy();
      await userEvent.click(screen.getByLabelText("Eastmere"));
      await userEvent.click(screen.getByRole("button", { name: "Done" }));
      await userEvent.type(box(), "for one{Enter}");
      await screen.findByText(/receives this/);
      await userEvent.keyboard("{Enter}");
      expect(on.send.mock.calls[0]?.[0]).toMatchObject({ audience: { kind: "named", members: [1, 2] } });
    });

    it("sends no mention of one to the others", async () => {
      render(composer({ facts: closed, kept: { text: "@Jo Bell look" } }));
      expect(screen.getByText(/mention a guest only to the hosts/)).toBeTruthy();
      await userEvent.type(box(), "{Enter}");
      expect(screen.getByRole("alert").textContent).toContain("mention a guest only to the hosts");
      expect(on.send).not.toHaveBeenCalled();
      expect(box().value).toBe("@Jo Bell look");
    });
  });

  it("holds the time something happened against the exercise clock", async () => {
    const clock = { exercise: "2017-05-12T15:10:00.000Z", factor: 60, paused: true, set: "2026-11-21T20:00:00.000Z", seq: 4 };
    render(composer({ facts: { ...facts, room: { ...facts.room, mode: "exercise", clock } }, now: () => clock.exercise }));
    await userEvent.click(screen.getByRole("button", { name: /^More/ }));
    expect(screen.getByLabelText<HTMLInputElement>("Date").value).toBe("2017-05-12");
    fireEvent.change(screen.getByLabelText("Time"), { target: { value: "16:15" } });
    await userEvent.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.getByText(/The exercise clock says 12 May 2017, 16:10 BST/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Time"), { target: { value: "16:05" } });
    await userEvent.click(screen.getByRole("button", { name: "Done" }));
    await userEvent.type(box(), "seen then{Enter}");
    expect(on.send.mock.calls[0]?.[0]).toMatchObject({ text: "seen then", occurred: "2017-05-12T15:05:00.000Z" });
  });

  it("completes a mention by keyboard; the next Enter sends it", async () => {
    render(composer());
    await userEvent.type(box(), "ask @jo");
    expect(screen.getByRole("option", { name: /Jo Bell/ }).getAttribute("aria-selected")).toBe("true");
    expect(box().getAttribute("aria-activedescendant")).toBe(screen.getByRole("option", { name: /Jo Bell/ }).id);
    await userEvent.keyboard("{Enter}");
    expect(box().value).toBe("ask @Jo Bell ");
    expect(on.send).not.toHaveBeenCalled();
    await userEvent.keyboard("{Enter}");
    expect(on.send.mock.calls[0]?.[0]).toMatchObject({ text: "ask @Jo Bell", mentions: [2] });
  });

  it("says who is mentioned and would not receive it", async () => {
    render(composer({ kept: { text: "@Jo Bell look", audience: { kind: "hosts" } } }));
    expect(screen.getByText("Jo Bell will not receive this and will not be told.")).toBeTruthy();
  });

  it("answers under the parent's label, to the parent's audience and its author", async () => {
    const { rerender } = render(composer());
    rerender(composer({ answering: { seq: 12, author: "Jo Bell", memberNo: 2, excerpt: "one line", marking: { tlp: "TLP:RED", originator: "R1H", audience: { kind: "named", members: [1, 3] } } } }));
    expect(screen.getByText(/one line/).textContent).toContain("Answering 12");
    await userEvent.type(box(), "yes{Enter}");
    await screen.findByText(/receive this/);
    await userEvent.keyboard("{Enter}");
    expect(on.send).toHaveBeenCalledExactlyOnceWith({ text: "yes", replyTo: 12, tlp: "TLP:RED", audience: { kind: "named", members: [1, 2, 3] }, shown: 40 });
  });

  it("asks for the last entry on the up arrow, only when it is empty", async () => {
    render(composer());
    await userEvent.type(box(), "{ArrowUp}");
    expect(on.last).toHaveBeenCalledOnce();
    await userEvent.type(box(), "x{ArrowUp}");
    expect(on.last).toHaveBeenCalledOnce();
  });

  it("corrects, keeps the text on a refusal, and gives back what was being written", async () => {
    const { rerender } = render(composer());
    await userEvent.type(box(), "half");
    rerender(composer({ correcting: { seq: 7, text: "tow scanners" } }));
    expect(box().value).toBe("tow scanners");
    on.correct.mockRejectedValueOnce(new ApiError("unavailable", "The service cannot do this just now. Nothing was stored."));
    await userEvent.clear(box());
    await userEvent.type(box(), "two scanners{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was stored");
    expect(box().value).toBe("two scanners");
    expect(on.cancel).not.toHaveBeenCalled();
    await userEvent.type(box(), "{Enter}");
    expect(on.correct).toHaveBeenLastCalledWith(7, "two scanners", [], {});
    expect(on.cancel).toHaveBeenCalledOnce();
    rerender(composer({ correcting: null }));
    expect(box().value).toBe("half");
  });

  it("takes a failed message back as it was", () => {
    const { rerender } = render(composer());
    rerender(composer({ takenBack: { text: "again", tlp: "TLP:GREEN", audience: { kind: "hosts" } } }));
    expect(box().value).toBe("again");
    expect(screen.getByLabelText<HTMLSelectElement>("Label").value).toBe("TLP:GREEN");
  });

  it("attaches what is pasted, picked or dropped anywhere on the page, and sends it without words", async () => {
    api.begin.mockImplementation(async (_: string, name: string, size: number) => ({ id: name, name, size, chunk: 10, received: [], whole: false, scan: "none" }));
    api.put.mockImplementation(async (_: string, id: string, n: number) => ({ id, name: id, size: 1, chunk: 10, received: [n], whole: true, scan: "none" }));
    api.drop.mockResolvedValue(undefined);
    const mine = uploads();
    const { rerender } = render(composer({ files: mine.items, uploads: mine }));
    mine.subscribe(() => rerender(composer({ files: mine.items, uploads: mine })));
    const file = (name: string) => new File(["x"], name);
    fireEvent.paste(box(), { clipboardData: { files: [file("pasted.png")], types: ["Files"] } });
    fireEvent.drop(window, { dataTransfer: { files: [file("dropped.pdf")], types: ["Files"] } });
    await userEvent.upload(screen.getByLabelText("Files to attach"), file("picked.txt"));
    expect(await screen.findAllByText("Attached")).toHaveLength(3);
    await userEvent.click(screen.getByRole("button", { name: "Remove dropped.pdf" }));
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    expect(on.send.mock.calls[0]?.[0]).toMatchObject({ text: "", attachments: [{ id: "pasted.png", size: 1, whole: true }, { id: "picked.txt" }] });
    expect(mine.items).toEqual([]);
    expect(screen.queryByRole("list", { name: "Files to send" })).toBeNull();
  });

  it("says in the button that offline is queued", () => {
    render(composer({ offline: true }));
    expect(screen.getByRole("button", { name: "Queue" })).toBeTruthy();
  });
});
