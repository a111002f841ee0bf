// The check in a thread of its own, so that hashing never holds up the page.
import { Unreadable } from "./core/bytes";
import { Session } from "./session";
import type { Answer, Question } from "./talk";

let session: Session | null = null;

function answer(a: Answer): void {
  self.postMessage(a);
}

/** Progress is told some times a second, however fast the check goes. */
function teller(): (done: number, entries: number, of: number) => void {
  let last = 0;
  let entries: readonly [number, number] = [0, 0];
  return (done, n, of) => {
    if (of > 0) entries = [n, of];
    const now = performance.now();
    if (now - last < 100) return;
    last = now;
    answer({ type: "progress", done, entries: entries[0], of: entries[1] });
  };
}

async function take(q: Question): Promise<void> {
  try {
    if (q.type === "check") {
      const opened = await Session.open(q, teller());
      session = opened.session;
      answer(opened.done);
    } else if (session) {
      answer(q.type === "list" ? await session.list(q) : await session.find(q));
    }
  } catch (e) {
    answer({ type: "failed", why: e instanceof Unreadable ? e.message : "This page met something that it does not know how to read. Check the bundle with the program wardroom-verify." });
  }
}

// One question after the other: an answer never overtakes another.
let turn = Promise.resolve();
self.addEventListener("message", (e: MessageEvent<Question>) => {
  turn = turn.then(() => take(e.data));
});
