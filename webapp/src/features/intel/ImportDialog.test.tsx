import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImportPreview, ItemDraft } from "../../protocol/intel";
import type { Preflight } from "../../protocol/rest";
import { ApiError } from "../../protocol/problem";
import { facts, member } from "../../room/testing";
import { formatOf, ImportDialog } from "./ImportDialog";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

const world = facts({ members: [member(1), member(2, { org: "X1N", orgName: "Northmoor" })] });
const body = (title: string) => ({ title, text: "x", indicators: [{ kind: "domain", value: "switch.example", doNotBlock: true }], sources: [{ reliability: "B", credibility: "2", name: "A partner" }] }) as const;
const got: ImportPreview = {
  items: [{ item: body("First"), tlp: "TLP:GREEN" }, { item: body("Second"), tlp: "TLP:AMBER+STRICT", pap: "PAP:RED" }],
  mapped: [{ what: "TLP:WHITE", why: "TLP:CLEAR", count: 3, line: 7 }],
  left: [{ what: "x-vendor", why: "no place for it", count: 1 }],
};
const on = { preview: vi.fn(), publish: vi.fn(), ask: vi.fn(), edit: vi.fn(), done: vi.fn(), close: vi.fn() };
beforeEach(() => {
  Object.values(on).forEach((f) => f.mockReset());
  on.ask.mockResolvedValue(receivers(7));
});
/** Who would receive it at that head: Northmoor's one, and who came in since, if somebody did. */
const receivers = (head: number, ...gained: string[]): Preflight => ({
  head, unnamed: false,
  organisations: [{ org: "X1N", orgName: "Northmoor", supplier: false, whole: false, people: 1 }],
  members: ["Dr Osei", ...gained].map((name, i) => ({ number: i + 2, name, org: "X1N", orgName: "Northmoor", role: "representative" as const, supplier: false, joined10: false, already: false, gained: i > 0 })),
});
const show = () => render(<ImportDialog facts={world} preview={on.preview} publish={on.publish} onAsk={on.ask} onEdit={on.edit} onDone={on.done} onClose={on.close} />);
const pick = (name: string, text = "{}") => fireEvent.change(screen.getByLabelText("File"), { target: { files: [new File([text], name)] } });

describe("a file brought in", () => {
  it("is told by its beginning", () => {
    expect(formatOf("f", '{ "type": "bundle", "objects": [] }')).toBe("stix");
    expect(formatOf("f", '\uFEFF{"Event": {"info": "x"}}')).toBe("misp");
    expect(formatOf("f.csv", "type,value\ndomain,a.example")).toBe("csv");
    expect(formatOf("f", '{"type": "bundle", "objects": [{"x_misp": {"Event": 1}, "Event": 2}]}')).toBe("stix");
    expect(formatOf("f", "{ broken")).toBe("stix");
    expect(formatOf("invalid_braces.JSON", "<{}>")).toBe("stix");
  });

  it("that is broken is refused with the line, and another can be picked", async () => {
    on.preview.mockRejectedValueOnce(new ApiError("invalid", "Line 3, column 9: a brace too many.", 422, [{ name: "line 3, column 9", message: "a brace too many." }]));
    show();
    pick("invalid_braces.json");
    expect((await screen.findByRole("alert")).textContent).toContain("invalid_braces.json was not taken");
    expect(screen.getByRole("alert").textContent).toContain("Line 3, column 9: a brace too many.");
    expect(on.publish).not.toHaveBeenCalled();
    expect(screen.getByLabelText("File")).toBeTruthy();
  });

  it("shows what it becomes, what is taken otherwise and what is left out, and shares nothing yet", async () => {
    on.preview.mockResolvedValueOnce(got);
    show();
    pick("bundle.json", '{"type": "bundle"}');
    expect(await screen.findByLabelText("First")).toBeTruthy();
    expect(on.preview.mock.calls[0]?.[1]).toBe("stix");
    expect(screen.getByText(/Nothing is shared yet/)).toBeTruthy();
    expect(screen.getByText("TLP:WHITE").parentElement?.textContent).toBe("TLP:WHITE, taken as TLP:CLEAR (line 7, and 2 more)");
    expect(screen.getByText("x-vendor").parentElement?.textContent).toContain("no place for it");
    expect(screen.getAllByText("Do not block: blocking this makes things worse.")).toHaveLength(2);
    expect(document.body.textContent).not.toContain("switch.example");
    expect(on.publish).not.toHaveBeenCalled();
  });

  it("is shared whole with one press, nothing of it more widely than the file says, and once", async () => {
    const user = userEvent.setup();
    on.preview.mockResolvedValueOnce(got);
    on.publish.mockResolvedValueOnce({ seq: 11 }).mockRejectedValueOnce(new ApiError("offline", "away")).mockResolvedValueOnce({ seq: 12 });
    show();
    pick("bundle.json");
    await screen.findByLabelText("First");
    await user.selectOptions(screen.getByLabelText("Label"), "TLP:AMBER");
    await user.click(screen.getByRole("button", { name: "Share all 2" }));
    // Two labels: each is looked at, once.
    await user.click(await screen.findByRole("button", { name: "Go on" }));
    expect(on.publish).not.toHaveBeenCalled();
    await user.click(await screen.findByRole("button", { name: "Share all 2" }));
    await screen.findByRole("button", { name: "Share it" });
    expect(on.ask.mock.calls.map(([a]) => a)).toEqual([{ tlp: "TLP:AMBER", audience: { kind: "room" } }, { tlp: "TLP:AMBER+STRICT", audience: { kind: "room" } }]);
    expect(on.done).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Share it" }));
    await waitFor(() => expect(on.done).toHaveBeenCalledExactlyOnceWith([12]));
    const sent = on.publish.mock.calls as [ItemDraft, string][];
    expect(sent.map(([d]) => [d.title, d.tlp, d.pap])).toEqual([["First", "TLP:AMBER", undefined], ["Second", "TLP:AMBER+STRICT", "PAP:RED"], ["Second", "TLP:AMBER+STRICT", "PAP:RED"]]);
    expect(sent[1]?.[1], "pressed again, it is the same command").toBe(sent[2]?.[1]);
    expect(sent[0]?.[1]).not.toBe(sent[1]?.[1]);
    expect(sent.map(([d]) => d.shown)).toEqual([7, 7, 7]);
    expect(on.ask, "nothing is looked at twice").toHaveBeenCalledTimes(2);
  });

  it("stops where somebody came in, shows them, and one press sends what is left to them too", async () => {
    const user = userEvent.setup();
    on.preview.mockResolvedValueOnce({ ...got, items: got.items.map((i) => ({ ...i, tlp: "TLP:AMBER" as const })) });
    on.publish.mockResolvedValueOnce({ seq: 11 }).mockRejectedValueOnce(new ApiError("conflict", "Since you looked …", 409, [], null, "gained")).mockResolvedValueOnce({ seq: 12 });
    show();
    pick("bundle.json");
    await screen.findByLabelText("First");
    await user.selectOptions(screen.getByLabelText("Label"), "TLP:AMBER");
    await user.click(screen.getByRole("button", { name: "Share all 2" }));
    await screen.findByText("Dr Osei");
    on.ask.mockResolvedValueOnce(receivers(9, "Jo Lindqvist"));
    await user.click(await screen.findByRole("button", { name: "Share all 2" }));
    expect(await screen.findByText(/^Not sent: since you looked, Jo Lindqvist/)).toBeTruthy();
    expect(on.ask.mock.lastCall?.[0]).toMatchObject({ shown: 7 });
    await user.click(screen.getByRole("button", { name: "Share it to them too" }));
    await waitFor(() => expect(on.done).toHaveBeenCalledExactlyOnceWith([12]));
    expect((on.publish.mock.calls as [ItemDraft, string][]).map(([d]) => [d.title, d.shown])).toEqual([["First", 7], ["Second", 7], ["Second", 9]]);
  });

  it("lets one be looked at and changed before it goes", async () => {
    const user = userEvent.setup();
    on.preview.mockResolvedValueOnce(got);
    show();
    pick("bundle.json");
    await screen.findByLabelText("Second");
    const row = screen.getByLabelText("Second").closest("li") as HTMLElement;
    await user.click(within(row).getByRole("button", { name: /^Look at it and change it/ }));
    expect(on.edit.mock.calls[0]?.[0]).toMatchObject({ title: "Second", limits: { tlp: "TLP:AMBER+STRICT", pap: "PAP:RED" } });
  });

  it("goes nowhere while an NHS number in one that is chosen has had no answer; one press takes it out of every field", async () => {
    const user = userEvent.setup();
    const number = "943 476 5919";
    const full = { ...body(`First ${number}`), text: `x ${number}`, caveats: number, refs: [{ name: number, url: `https://a.example/${number}` }], sources: [{ ...body("").sources[0], name: number, kind: number }], indicators: [{ ...body("").indicators[0], note: number }] };
    on.preview.mockResolvedValueOnce({ ...got, items: [{ item: full, tlp: "TLP:AMBER" as const }] });
    on.publish.mockResolvedValueOnce({ seq: 11 });
    show();
    pick("bundle.json");
    await screen.findByText(/read as NHS numbers/);
    await user.selectOptions(screen.getByLabelText("Label"), "TLP:AMBER");
    await user.click(screen.getByRole("button", { name: "Share it" }));
    expect(on.ask).not.toHaveBeenCalled();
    expect(screen.getByRole("alert").textContent).toContain("Not sent.");
    await user.click(screen.getByRole("button", { name: "Remove them" }));
    await user.click(screen.getByRole("button", { name: "Share it" }));
    await screen.findByText("Dr Osei");
    await user.click(screen.getByRole("button", { name: "Share it" }));
    await waitFor(() => expect(on.done).toHaveBeenCalledOnce());
    expect(JSON.stringify(on.publish.mock.calls)).not.toContain(number);
    expect(JSON.stringify(on.publish.mock.calls).split("[NHS number removed]")).toHaveLength(9); // eight fields
  });
});
