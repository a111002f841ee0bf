import { describe, expect, it } from "vitest";
import { labelSentence, labels, permitted, permittedHint, permittedSentence, rank } from "./label";

describe("what a label says to its reader", () => {
  it("has the reader's own organisation in it, whatever the label", () => {
    for (const l of labels) expect(labelSentence(l, "Barts Health")).toContain("Barts Health");
  });

  it("lets nobody pass RED on", () => {
    expect(labelSentence("TLP:RED", "Barts Health")).toBe("For you alone. Do not pass this on to anyone, not even inside Barts Health.");
  });

  it("keeps AMBER+STRICT from suppliers and lets AMBER reach them", () => {
    expect(labelSentence("TLP:AMBER+STRICT", "Barts Health")).toBe("You may share this inside Barts Health with those who need it; not with suppliers, clients or anyone else.");
    expect(labelSentence("TLP:AMBER", "Barts Health")).toContain("clients and suppliers who need it");
  });

  it("is written as FIRST writes it and ordered from CLEAR to RED", () => {
    for (const l of labels) expect(l).toMatch(/^TLP:[A-Z+]+$/);
    expect(labels.map(rank)).toEqual([0, 1, 2, 3, 4]);
    expect(rank("TLP:AMBER+STRICT")).toBeGreaterThan(rank("TLP:AMBER"));
  });
});

describe("what may be done with an entry", () => {
  it("is said in words for each of the four, from the most careful on", () => {
    expect(permitted).toEqual(["PAP:RED", "PAP:AMBER", "PAP:GREEN", "PAP:CLEAR"]);
    for (const p of permitted) expect(permittedSentence(p) + permittedHint(p)).not.toContain("PAP");
    expect(permittedSentence("PAP:RED")).toContain("nothing that an attacker could notice");
    expect(permittedSentence("PAP:AMBER")).toContain("such as blocking");
    expect(permittedSentence("PAP:GREEN")).toContain("block it");
  });
});
