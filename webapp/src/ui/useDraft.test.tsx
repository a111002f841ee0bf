import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { BroughtBack, DraftsProvider, fitting, type Keeper, useDraft } from "./useDraft";

afterEach(cleanup);

/** A keeper that a test can look into; it answers when it is let. */
function keeping(held: Record<string, unknown> = {}) {
  const kept = new Map<string, unknown>(Object.entries(held));
  let answer: () => void = () => undefined;
  const late = new Promise<void>((done) => (answer = done));
  const keeper: Keeper & { answer: () => void; kept: Map<string, unknown> } = {
    kept,
    answer: () => answer(),
    load: async (form) => {
      const was = kept.get(form) ?? null;
      await late;
      return was;
    },
    keep: (form, value) => void (value === null ? kept.delete(form) : kept.set(form, value)),
  };
  return keeper;
}

function Form({ onSend }: { onSend: () => Promise<void> }) {
  const [text, setText] = useState("");
  const [orgs, setOrgs] = useState<readonly string[]>([]);
  const draft = useDraft("alert", { text, orgs }, (was) => {
    setText(was.text);
    setOrgs(was.orgs);
  });
  return (
    <>
      <BroughtBack draft={draft} />
      <label>
        Text <input value={text} onChange={(e) => setText(e.target.value)} />
      </label>
      <p>{orgs.join(" ")}</p>
      <button onClick={() => void onSend().then(draft.sent, () => undefined)}>Send</button>
    </>
  );
}

const shown = (keeper: Keeper, onSend = () => Promise.resolve()) =>
  render(
    <DraftsProvider value={keeper}>
      <Form onSend={onSend} />
    </DraftsProvider>,
  );

describe("a form's draft", () => {
  it("comes back when the form is shown again, says so, and goes when one starts afresh", async () => {
    const keeper = keeping({ alert: { text: "Patch now", orgs: ["RX8"] } });
    shown(keeper);
    keeper.answer();
    expect(await screen.findByDisplayValue("Patch now")).toBeTruthy();
    expect(screen.getByText("RX8")).toBeTruthy();
    expect(screen.getByRole("status").textContent).toContain("is back");
    await userEvent.click(screen.getByRole("button", { name: "Start afresh" }));
    expect(screen.getByLabelText<HTMLInputElement>("Text").value).toBe("");
    await waitFor(() => expect(keeper.kept.has("alert")).toBe(false));
    expect(screen.queryByRole("status")).toBeNull();
  });

  it("is kept as it is typed, also when the form is taken away at once, and over a send that fails", async () => {
    const keeper = keeping();
    keeper.answer();
    const { unmount } = shown(keeper, () => Promise.reject(new Error("no network")));
    await userEvent.type(screen.getByLabelText("Text"), "Patch");
    await waitFor(() => expect(keeper.kept.get("alert")).toEqual({ text: "Patch", orgs: [] }));
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    await userEvent.type(screen.getByLabelText("Text"), " now");
    unmount();
    expect(keeper.kept.get("alert")).toEqual({ text: "Patch now", orgs: [] });
  });

  it("is forgotten when it was sent", async () => {
    const keeper = keeping();
    keeper.answer();
    const { unmount } = shown(keeper);
    await userEvent.type(screen.getByLabelText("Text"), "Patch");
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(keeper.kept.has("alert")).toBe(false));
    unmount();
    expect(keeper.kept.has("alert")).toBe(false);
  });

  it("never takes the place of what is typed meanwhile", async () => {
    const keeper = keeping({ alert: { text: "Old", orgs: [] } });
    shown(keeper);
    await userEvent.type(screen.getByLabelText("Text"), "New");
    keeper.answer();
    await waitFor(() => expect(keeper.kept.get("alert")).toEqual({ text: "New", orgs: [] }));
    expect(screen.getByLabelText<HTMLInputElement>("Text").value).toBe("New");
  });

  it("fits an older page's shape into the form as it is now", () => {
    expect(fitting({ a: "", b: { c: 1, d: [] as string[] }, e: true }, { a: 5, b: { c: 2, d: ["x"], gone: 1 }, f: 1 })).toEqual({ a: "", b: { c: 2, d: ["x"] }, e: true });
    expect(fitting({ a: "" }, null)).toEqual({ a: "" });
    expect(fitting({ a: "" }, [1])).toEqual({ a: "" });
  });
});
