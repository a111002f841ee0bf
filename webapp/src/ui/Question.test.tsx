import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Preflight } from "../protocol/rest";
import { ApiError } from "../protocol/problem";
import { Question } from "./Question";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

const on = { ask: vi.fn(), act: vi.fn(), done: vi.fn(), close: vi.fn() };
const receivers = (head: number, ...gained: string[]): Preflight => ({
  head, unnamed: false,
  organisations: [{ org: "X1N", orgName: "Northmoor", supplier: false, whole: false, people: 1 }],
  members: ["Dr Osei", ...gained].map((name, i) => ({ number: i + 2, name, org: "X1N", orgName: "Northmoor", role: "representative" as const, supplier: false, joined10: false, already: false, gained: i > 0 })),
});
beforeEach(() => {
  Object.values(on).forEach((f) => f.mockReset());
  on.ask.mockResolvedValue(receivers(7));
  on.act.mockResolvedValue({ seq: 9 });
});
const few = () => ({ what: "It will be TLP:AMBER.", ask: { audience: { kind: "named" as const, orgs: ["X1N"] } } });
const show = (look: typeof few | undefined, host = false) =>
  render(<Question title="Recall it?" action="Recall" head={5} host={host} reason={{ missing: "Say why." }} {...(look ? { look, me: 1, onAsk: on.ask } : {})} onDo={on.act} onDone={on.done} onClose={on.close} />);
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("a question", () => {
  it("asks for its reason, sends it once with what was seen, and tells what came of it", async () => {
    show(undefined);
    await press("Recall");
    expect(screen.getByRole("alert").textContent).toContain("Say why.");
    expect(on.act).not.toHaveBeenCalled();
    await userEvent.type(screen.getByLabelText("Reason"), " wrong source ");
    await press("Recall");
    expect(on.act).toHaveBeenCalledExactlyOnceWith({ reason: "wrong source", seen: 5, sent: {} });
    expect(on.done).toHaveBeenCalledExactlyOnceWith({ seq: 9 });
    expect(on.ask).not.toHaveBeenCalled();
  });

  it("stays open and says why when it is refused", async () => {
    on.act.mockRejectedValueOnce(new ApiError("conflict", "Somebody recalled it before you.", 409));
    show(undefined);
    await userEvent.type(screen.getByLabelText("Reason"), "wrong source");
    await press("Recall");
    expect(screen.getByRole("alert").textContent).toContain("Somebody recalled it before you.");
    expect(on.done).not.toHaveBeenCalled();
    expect((screen.getByLabelText("Reason") as HTMLTextAreaElement).value).toBe("wrong source");
  });

  it("that goes to chosen people shows them first, and going back loses nothing", async () => {
    show(few);
    await press("Recall");
    expect(on.ask).not.toHaveBeenCalled(); // nothing is looked up for what cannot be sent
    await userEvent.type(screen.getByLabelText("Reason"), "wrong source");
    await press("Recall");
    expect(await screen.findByText("Dr Osei")).toBeTruthy();
    expect(screen.getByText("It will be TLP:AMBER.")).toBeTruthy();
    expect(on.act).not.toHaveBeenCalled();
    await press("Go back");
    expect((screen.getByLabelText("Reason") as HTMLTextAreaElement).value).toBe("wrong source");
    expect(document.activeElement?.textContent).toBe("Recall");
    await userEvent.keyboard("{Enter}");
    await screen.findByText("Dr Osei");
    await userEvent.keyboard("{Enter}");
    expect(on.act).toHaveBeenCalledExactlyOnceWith({ reason: "wrong source", seen: 5, sent: { shown: 7 } });
    expect(on.done).toHaveBeenCalledOnce();
  });

  it("is not sent to who came in unshown; one more key sends it to them too", async () => {
    const refused = new ApiError("conflict", "Since you looked, more people would receive this: Vera Holt.", 409, [], null, "gained");
    on.act.mockRejectedValueOnce(refused);
    on.ask.mockResolvedValueOnce(receivers(7)).mockResolvedValueOnce(receivers(8, "Vera Holt"));
    show(few);
    await userEvent.type(screen.getByLabelText("Reason"), "wrong source");
    await press("Recall");
    await screen.findByText("Dr Osei");
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByText("Vera Holt")).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toContain("Vera Holt of Northmoor came in");
    expect(on.done).not.toHaveBeenCalled();
    await userEvent.keyboard("{Enter}");
    expect(on.act).toHaveBeenLastCalledWith({ reason: "wrong source", seen: 5, sent: { shown: 8 } });
    expect(on.done).toHaveBeenCalledOnce();
  });

  it("that is refused for anything else comes back to its form; a host's reason goes with the next", async () => {
    on.act.mockRejectedValueOnce(new ApiError("invalid", "This bears the marking “SECRET”.", 422, [{ name: "reason", message: "bears a marking" }], null, "protective_marking"));
    show(few, true);
    await userEvent.type(screen.getByLabelText("Reason"), "SECRET");
    await press("Recall");
    await screen.findByText("Dr Osei");
    await userEvent.keyboard("{Enter}");
    await userEvent.type(await screen.findByLabelText("Why it may stand here all the same"), "declassified");
    await press("Save it with this reason");
    await screen.findByText("Dr Osei");
    await userEvent.keyboard("{Enter}");
    expect(on.act).toHaveBeenLastCalledWith({ reason: "SECRET", seen: 5, sent: { override: "declassified", shown: 7 } });
  });
});
