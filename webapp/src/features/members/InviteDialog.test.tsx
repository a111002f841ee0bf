import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Invited, NewMember, Organisation } from "../../protocol/rest";
import type { MemberFacts } from "../../protocol/types";
import { facts, member } from "../../room/testing";
import { InviteDialog } from "./InviteDialog";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

const northmoor: Organisation = { code: "X1N", name: "Northmoor NHS Trust", ods: "X1N", type: "acute_trust", issuer: "health", host: false, closed: false };
const guest = (number: number, name: string, state: MemberFacts["state"]) => member(number, { name, state, org: "X1N", orgName: "Northmoor NHS Trust", host: false, role: "representative" });

function dialog(members: readonly MemberFacts[] = []) {
  const invite = vi.fn<(m: NewMember) => Promise<Invited>>(() => Promise.resolve({ seq: 9, link: "https://wardroom.example/join#t", code: "ABCDE-FGHJK", otp: "123456" }));
  render(<InviteDialog room={facts().room} members={members} find={() => Promise.resolve([northmoor])} peopleOf={() => Promise.resolve([])} onInvite={invite} onClose={() => undefined} />);
  return invite;
}

async function fill(name: string) {
  await userEvent.type(screen.getByRole("combobox", { name: "Organisation" }), "North");
  await userEvent.pointer({ target: await screen.findByRole("option", { name: /Northmoor/ }), keys: "[MouseLeft]" });
  await userEvent.type(screen.getByLabelText("Name"), name);
}

describe("an invitation", () => {
  it("has six digits only when they are asked for, and shows them once with what to do", async () => {
    const invite = dialog();
    await fill("Hannah Osei");
    await userEvent.click(screen.getByLabelText("Give six digits by telephone"));
    await userEvent.click(screen.getByRole("button", { name: "Invite" }));
    expect(invite.mock.calls[0]?.[0]).toMatchObject({ name: "Hannah Osei", org: "X1N", otp: true });
    expect(await screen.findByText("123 456")).toBeTruthy();
    expect(screen.getByText(/make sure that it is them, and read the digits out/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /Copy.*digits/ })).toBeNull();
    cleanup();
    const plain = dialog();
    await fill("Hannah Osei");
    await userEvent.click(screen.getByRole("button", { name: "Invite" }));
    expect(plain.mock.calls[0]?.[0]).not.toHaveProperty("otp");
  });

  it("warns of who is in the room or on the way in, however the name is written", async () => {
    dialog([guest(2, "Dr Hannah Osei", "joined"), guest(0, "Jo Lindqvist", "invited"), guest(3, "Gone Again", "removed")]);
    await fill("dr  hannah OSEI");
    expect(screen.getByText(/Dr Hannah Osei is in this room already, as M-2/)).toBeTruthy();
    await userEvent.clear(screen.getByLabelText("Name"));
    await userEvent.type(screen.getByLabelText("Name"), "Jo Lindqvist");
    expect(screen.getByText(/has an open invitation to this room. Make a new link/)).toBeTruthy();
    await userEvent.clear(screen.getByLabelText("Name"));
    await userEvent.type(screen.getByLabelText("Name"), "Gone Again");
    expect(screen.queryByText(/already|open invitation/)).toBeNull();
  });
});
