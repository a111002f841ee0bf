// What each close code of the stream means for coming back.

export type AfterClose =
  | { readonly then: "back"; readonly soon: boolean } // come back; soon: at once the first time
  | { readonly then: "later" } // come back, but not within the half minute
  | { readonly then: "signedOut" }
  | { readonly then: "stop" };

const table: Readonly<Record<number, AfterClose>> = {
  1000: { then: "back", soon: false },
  1001: { then: "back", soon: false }, // the server is going away
  1006: { then: "back", soon: false }, // the network cut it
  4000: { then: "back", soon: false }, // goaway: after the wait it gave
  4400: { then: "stop" }, // we broke the protocol: coming back would only break it again
  4401: { then: "signedOut" },
  4408: { then: "back", soon: true }, // too slow: resume
  4409: { then: "back", soon: true }, // sight narrowed: resume
  4429: { then: "later" }, // too many connections
};

/** Any other code is the network's or a proxy's: come back. */
export function afterClose(code: number): AfterClose {
  return table[code] ?? { then: "back", soon: false };
}
