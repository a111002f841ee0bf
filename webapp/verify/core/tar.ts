// The bundle is a plain tar (POSIX ustar) in which nothing is left to chance:
// no times, no owners, one spelling of every header. So a header is not
// interpreted but compared with the only one that it may be, and what stands
// between the files must be zeros.
import { bytesOf, equal, Unreadable, utf8 } from "./bytes";
import { type Range, read } from "./source";

const block = 512;
/** The greatest size that the header's eleven octal digits hold; a larger file has a pax record before it. */
const largest = 2 ** 33 - 1;

/** One header block. */
function header(name: string, size: number, mode: number, type: "0" | "x"): Uint8Array {
  const h = new Uint8Array(block);
  const put = (at: number, text: string) => h.set(bytesOf(text), at);
  const octal = (n: number, digits: number) => `${n.toString(8).padStart(digits, "0")}\0`;
  put(0, name);
  put(100, octal(mode, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11));
  put(148, "        ");
  put(156, type);
  put(257, "ustar\u000000");
  if (type === "0") put(329, octal(0, 7) + octal(0, 7));
  put(148, `${octal(h.reduce((sum, b) => sum + b, 0), 6)} `);
  return h;
}

/** Everything that stands before a file's bytes. */
export function before(name: string, size: number): Uint8Array {
  if (size <= largest) return header(name, size, 0o644, "0");
  const rest = ` size=${size}\n`;
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  const slash = name.lastIndexOf("/") + 1;
  const out = new Uint8Array(3 * block);
  out.set(header(`${name.slice(0, slash)}PaxHeaders.0/${name.slice(slash)}`, length, 0, "x"));
  out.set(bytesOf(`${length}${rest}`), block);
  out.set(header(name, 0, 0o644, "0"), 2 * block);
  return out;
}

/** A file of the bundle and where its bytes stand. */
export interface Member extends Range {
  readonly name: string;
}

const most = 100_000; // files

/** The bundle's files, in order. Throws Unreadable. */
export async function members(file: Blob): Promise<Member[]> {
  const out: Member[] = [];
  if (file.size === 0) throw new Unreadable("", "The file is empty.");
  let at = 0;
  for (;;) {
    const where = out.length === 0 ? "at its beginning" : `after ${out.at(-1)?.name ?? ""}`;
    const head = await read(file, at, at + 3 * block);
    if (head.length < block) throw new Unreadable(`the bundle, ${where}`, "The file ends too soon. It may have been cut off when it was copied or sent.");
    if (head.subarray(0, 2 * block).every((b) => b === 0)) {
      if (head.length !== 2 * block || at + 2 * block !== file.size) throw new Unreadable(`the bundle, ${where}`, "Something stands after the bundle's end.");
      return out;
    }
    const large = head[156] === 0x78;
    const own = large ? head.subarray(2 * block) : head;
    const name = utf8(own.subarray(0, Math.max(0, own.subarray(0, 100).indexOf(0)))) ?? "";
    const written = utf8(large ? head.subarray(block, block + 40) : head.subarray(124, 135)) ?? "";
    const size = large ? Number(/ size=([0-9]{10,15})\n/.exec(written)?.[1] ?? 0) : Number.parseInt(/^[0-7]{11}$/.test(written) ? written : "0", 8);
    const expected = /^[\x21-\x7e]{1,99}$/.test(name) ? before(name, size) : null;
    if (!expected || !equal(expected, head.subarray(0, expected.length))) {
      throw new Unreadable(`the bundle, ${where}`, out.length === 0 ? "The file is not an inquiry bundle: it does not begin as one." : "What stands there is not the beginning of a file of a bundle.");
    }
    const from = at + expected.length;
    const end = from + size;
    const next = Math.ceil(end / block) * block;
    if (next > file.size) throw new Unreadable(name, "The file ends too soon. It may have been cut off when it was copied or sent.");
    if ((await read(file, end, next)).some((b) => b !== 0)) throw new Unreadable(name, "What fills the space after it is not empty.");
    out.push({ name, from, to: end });
    if (out.length > most) throw new Unreadable("the bundle", "It holds too many files.");
    at = next;
  }
}
