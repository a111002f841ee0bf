import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../protocol/problem";
import type { Preflight } from "../../protocol/rest";
import type { Facts } from "../../protocol/types";
import { foldObject } from "../../room/object";
import { facts, marking, member, open } from "../../room/testing";
import { PromoteDialog } from "../cells/PromoteDialog";
import { MarkingDialog } from "../timeline/MarkingDialog";
import { AnswerReleaseDialog, AskReleaseDialog, RecallDialog, TearLineDialog } from "./Dialogs";
import { SightingDialog } from "./Sightings";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

const world = facts({ members: [member(1), member(2, { org: "X1N", orgName: "Northmoor", host: false })] });
const guest: Facts = { ...world, you: 2 };
const words = "SECRET";
const receivers: Preflight = { head: 7, unnamed: false, organisations: [], members: [] };
const ask = () => Promise.resolve(receivers);
const none = () => undefined;
const write = (label: string | RegExp) => fireEvent.change(screen.getByLabelText(label), { target: { value: words } });
const choose = (label: string | RegExp) => fireEvent.click(screen.getByLabelText(label));
const asked = open({ seq: 9, kind: "release.requested", marking: marking(), body: { entry: 5, why: "to warn them", tlp: "TLP:GREEN" } });
const request = foldObject(9, [asked.entry as never])!;

type Sent = (...args: readonly unknown[]) => Promise<unknown>;
type Case = readonly [name: string, dialog: (facts: Facts, sent: Sent) => ReactElement, fill: () => void, action: string];
const cases: readonly Case[] = [
  ["a recall", (f, sent) => <RecallDialog seq={5} marking={marking()} facts={f} recall={sent} opens={() => new Promise(none)} onClose={none} />, () => write("Reason"), "Recall it"],
  ["a tear-line", (f, sent) => <TearLineDialog seq={5} facts={f} onAdd={sent as never} onAsk={ask} onClose={none} />, () => write("The words that may go further"), "Add it"],
  ["a sighting", (f, sent) => <SightingDialog seq={5} indicators={[]} marking={{ verdict: "seen", indicator: null }} organisation="Northmoor" sealed={false} host={f.you === 1} onMark={sent} onClose={none} />, () => write(/^Note/), "Say so"],
  ["a widening", (f, sent) => <MarkingDialog how="widen" seq={5} marking={marking()} author={1} recordable={false} facts={f} onSave={sent} onAsk={ask} onClose={none} />, () => (choose("TLP:GREEN"), write("Reason")), "Widen"],
  ["a request to release", (f, sent) => <AskReleaseDialog seq={5} marking={marking()} facts={f} onAsk={sent as never} onClose={none} />, () => (choose("Everyone in the room"), write("What you need it for")), "Ask Data Security Centre"],
  ["a refusal to release", (f, sent) => <AnswerReleaseDialog root={9} asked={{ object: request, release: request.record as never }} entry={null} facts={f} onAnswer={sent as never} onAsk={ask} onClose={none} />, () => (choose("No"), write(/^Your answer in words/)), "Refuse"],
  ["a question to bring it to the main room", (f, sent) => <PromoteDialog seq={5} text="as it was" item={false} tlp="TLP:AMBER" facts={{ ...f, room: { ...f.room, cell: { parent: "p", org: "X1N" } as never } }} onAsk={sent} onClose={none} />, () => write("What the main room will read"), "Ask Northmoor"],
];
const refusal = () => new ApiError("invalid", "This bears the marking “SECRET”.", 422, [], null, "protective_marking");
/** Of those that are shown; by role would take seconds in all. */
const press = (name: string) => {
  const [button] = screen.getAllByText(name, { selector: "button" }).filter((b) => !b.closest("[hidden]"));
  if (!button) throw new Error(`No button “${name}” is shown.`);
  fireEvent.click(button);
};
/** Sends it, past who receives it where that is shown. */
const sendIt = async (action: string, sent: ReturnType<typeof vi.fn>, times: number) => {
  await waitFor(() => {
    if (sent.mock.calls.length < times) press(action);
    expect(sent).toHaveBeenCalledTimes(times);
  });
};

describe("what bears a protective marking", () => {
  it.each(cases)("%s: a host sends it with a reason, and it goes with it", async (_, dialog, fill, action) => {
    const sent = vi.fn<Sent>().mockRejectedValueOnce(refusal()).mockResolvedValue({ seq: 9 });
    render(dialog(world, sent));
    fill();
    await sendIt(action, sent, 1);
    expect(JSON.stringify(sent.mock.calls[0])).not.toContain("override");
    fireEvent.change(await screen.findByLabelText("Why it may stand here all the same"), { target: { value: "declassified" } });
    press("Save it with this reason");
    await sendIt(action, sent, 2);
    expect(JSON.stringify(sent.mock.calls[1])).toContain(words);
    expect(sent.mock.calls[1]?.at(-1)).toMatchObject({ override: "declassified" });
  });

  it.each(cases)("%s: no way past it is shown to a guest", async (_, dialog, fill, action) => {
    const sent = vi.fn<Sent>().mockRejectedValue(refusal());
    render(dialog(guest, sent));
    fill();
    await sendIt(action, sent, 1);
    await screen.findByRole("alert");
    expect(screen.queryByLabelText("Why it may stand here all the same")).toBeNull();
  });
});

describe("what reads as an NHS number", () => {
  // Of these the free text is a person's own.
  it.each(cases)("%s: is not sent before somebody has said what it is", async (_, dialog, fill, action) => {
    const sent = vi.fn<Sent>().mockResolvedValue({ seq: 9 });
    render(dialog(world, sent));
    fill();
    fireEvent.change(screen.getByDisplayValue(words), { target: { value: "Bed 4, 943 476 5919" } });
    press(action);
    expect(await screen.findByText(/reads as an NHS number/)).toBeTruthy();
    expect(sent).not.toHaveBeenCalled();
    press("Remove it");
    await sendIt(action, sent, 1);
    expect(JSON.stringify(sent.mock.calls[0])).not.toContain("5919");
  });
});
