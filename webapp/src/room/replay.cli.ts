// Reads histories, one JSON text a line, from the named file or from standard
// input, and answers each with a line: {"line":1,"equal":true} or with the
// paths that differ. Ends with 1 if any differs, 2 if any cannot be read.
// For the tests that hold server and browser to the same fold.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { replay } from "./replay";

const file = process.argv[2];
let line = 0;
let worst = 0;
for await (const text of createInterface({ input: file === undefined ? process.stdin : createReadStream(file), crlfDelay: Infinity })) {
  line++;
  if (text.trim() === "") continue;
  try {
    const { equal, differences } = replay(JSON.parse(text));
    if (!equal) worst = Math.max(worst, 1);
    console.log(JSON.stringify(equal ? { line, equal } : { line, equal, differences }));
  } catch (e) {
    worst = 2;
    console.log(JSON.stringify({ line, equal: false, error: e instanceof Error ? e.message : String(e) }));
  }
}
process.exitCode = worst;
