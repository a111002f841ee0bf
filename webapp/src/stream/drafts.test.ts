import { describe, expect, it } from "vitest";
import { toBase64 } from "../protocol/base64";
import { createDrafts } from "./drafts";
import { memoryShelf } from "./shelf";

const key = async () => toBase64(new Uint8Array(32).fill(7));
const me = "01PERSON";

describe("what is written in a form", () => {
  it("is there again after the page is loaded anew, and gone when it was sent", async () => {
    const shelf = memoryShelf();
    const first = createDrafts({ owner: me, room: "r", shelf, draftKey: key });
    first.keep("sitrep", { situation: "Two wards" });
    first.keep("sitrep", { situation: "Two wards are closed" });
    await first.settled();
    const second = createDrafts({ owner: me, room: "r", shelf, draftKey: key });
    expect(await second.load("sitrep")).toEqual({ situation: "Two wards are closed" });
    expect(await second.load("escalation")).toBeNull();
    second.keep("sitrep", null);
    await second.settled();
    expect(await createDrafts({ owner: me, room: "r", shelf, draftKey: key }).load("sitrep")).toBeNull();
    expect(await shelf.list(me, "r")).toEqual([]);
  });

  it("lies sealed on the device, and is nobody else's, nor another room's", async () => {
    const shelf = memoryShelf();
    const drafts = createDrafts({ owner: me, room: "", shelf, draftKey: key });
    drafts.keep("report", { text: "Ransomware in pathology" });
    await drafts.settled();
    const [box] = await shelf.list(me, "");
    expect(box).toBeDefined();
    expect(new TextDecoder("latin1").decode(box?.sealed)).not.toContain("pathology");
    expect(await createDrafts({ owner: "01OTHER", room: "", shelf, draftKey: key }).load("report")).toBeNull();
    expect(await createDrafts({ owner: me, room: "r", shelf, draftKey: key }).load("report")).toBeNull();
    // Whoever took the device has no session, so no key; another key reads nothing.
    expect(await createDrafts({ owner: me, room: "", shelf, draftKey: async () => toBase64(new Uint8Array(32).fill(8)) }).load("report")).toBeNull();
    // It is no message that waits to be sent.
    expect(await shelf.rooms(me)).toEqual([]);
  });

  it("is kept once the key can be had, if it could not at first", async () => {
    const shelf = memoryShelf();
    let up = false;
    const drafts = createDrafts({ owner: me, room: "r", shelf, draftKey: () => (up ? key() : Promise.reject(new Error("no network"))) });
    drafts.keep("update", { text: "one" });
    await drafts.settled();
    expect(await shelf.list(me, "r")).toEqual([]);
    expect(await drafts.load("update")).toEqual({ text: "one" }); // this page still has it
    up = true;
    drafts.keep("update", { text: "two" });
    await drafts.settled();
    expect(await createDrafts({ owner: me, room: "r", shelf, draftKey: key }).load("update")).toEqual({ text: "two" });
  });
});
