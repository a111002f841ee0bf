import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { AudiencePicker, audienceProblem, audienceSent, type PickerAudience } from "./AudiencePicker";

afterEach(cleanup);

const people = [
  { number: 1, name: "Priya Anand", org: "DSC", orgName: "Data Security Centre" },
  { number: 2, name: "Jo Bell", org: "R1H", orgName: "Barts Health" },
  { number: 3, name: "", org: "RX8", orgName: "Yorkshire Ambulance" },
];
const room: PickerAudience = { kind: "room", members: [], orgs: [] };

function Harness({ red = false, seen }: { red?: boolean; seen: (a: PickerAudience) => void }) {
  const [a, setA] = useState(room);
  return (
    <AudiencePicker
      value={a}
      onChange={(next) => {
        setA(next);
        seen(next);
      }}
      people={people}
      me={1}
      red={red}
    />
  );
}

describe("the audience picker", () => {
  it("names people and organisations", async () => {
    let last = room;
    render(<Harness seen={(a) => (last = a)} />);
    await userEvent.click(screen.getByLabelText("Named people and organisations"));
    await userEvent.click(screen.getByLabelText("Jo Bell"));
    await userEvent.click(screen.getByLabelText("Yorkshire Ambulance"));
    expect(last).toEqual({ kind: "named", members: [2], orgs: ["RX8"] });
    await userEvent.click(screen.getByLabelText("Jo Bell"));
    expect(last.members).toEqual([]);
  });

  it("offers RED to named people only: no room, no hosts, no organisation", () => {
    render(<Harness red seen={() => undefined} />);
    expect(screen.queryByLabelText("Everyone in the room")).toBeNull();
    expect(screen.queryByLabelText("Hosts only")).toBeNull();
    expect(screen.queryByLabelText("Barts Health")).toBeNull();
    expect(screen.getByLabelText("Jo Bell")).toBeTruthy();
  });

  it("shows a member without a visible name by number, and never oneself", () => {
    render(<Harness red seen={() => undefined} />);
    expect(screen.getByLabelText("M-3")).toBeTruthy();
    expect(screen.queryByLabelText("Priya Anand")).toBeNull();
  });
});

describe("a chosen audience", () => {
  it("needs somebody when it is named", () => {
    expect(audienceProblem({ kind: "named", members: [], orgs: [] }, false, 1)).toMatch(/at least one person or organisation/);
    expect(audienceProblem(room, true, 1)).toMatch(/TLP:RED goes to named people/);
    expect(audienceProblem({ kind: "named", members: [1], orgs: ["R1H"] }, true, 1)).toMatch(/TLP:RED/);
    expect(audienceProblem({ kind: "named", members: [2], orgs: [] }, true, 1)).toBeNull();
    expect(audienceProblem(room, false, 1)).toBeNull();
  });

  it("always holds its writer, sorted and without doubles", () => {
    expect(audienceSent({ kind: "named", members: [3, 2, 3], orgs: ["RX8", "R1H"] }, false, 1)).toEqual({ kind: "named", members: [1, 2, 3], orgs: ["R1H", "RX8"] });
    expect(audienceSent({ kind: "named", members: [2], orgs: ["R1H"] }, true, 1)).toEqual({ kind: "named", members: [1, 2] });
    expect(audienceSent({ kind: "hosts", members: [2], orgs: ["R1H"] }, false, 1)).toEqual({ kind: "hosts" });
  });
});
