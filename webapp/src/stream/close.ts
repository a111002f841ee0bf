// What each close code of the stream means for coming back.

export type AfterClose =
  | { readonly next: "back"; readonly soon: boolean } // come back; soon: at once the first time
  | { readonly next: "later" } // come back, but not within the half minute
  | { readonly next: "signedOut" }
  | { readonly next: "stop" };

const table: Readonly<Record<number, AfterClose>> = {
  1000: { next: "back", soon: false },
  1001: { next: "back", soon: false }, // the server is going away
  1006: { next: "back", soon: false }, // the network cut it
  4000: { next: "back", soon: false }, // goaway: after the wait it gave
  4400: { next: "stop" }, // we broke the protocol: coming back would only break it again
  4401: { next: "signedOut" },
  4408: { next: "back", soon: true }, // too slow: resume
  4409: { next: "back", soon: true }, // sight narrowed: resume
  4429: { next: "later" }, // too many connections
};

/** Any other code is the network's or a proxy's: come back. */
export function afterClose(code: number): AfterClose {
  return table[code] ?? { next: "back", soon: false };
}
