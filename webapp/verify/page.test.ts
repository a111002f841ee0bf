// What the page makes of words and times, and the file it is built into.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "./core/bytes";
import { canonical } from "./core/json";
import { pieces, plain } from "./page/hostile";
import { utc } from "./page/list";
import { instant, moment } from "./page/time";
import { kindWords, parts } from "./page/words";

describe("text that was written to deceive", () => {
  it("is shown with what would not be seen named", () => {
    expect(plain("a\u202eb\u2066c\u200bd\u0000e\u001b[0m\ufeff\u{e0041}")).toBe("a[U+202E]b[U+2066]c[U+200B]d[U+0000]e[U+001B][0m[U+FEFF][U+E0041]");
    expect(pieces("a\u202eb").map((p) => p.hidden)).toEqual([false, true, false]);
  });
  it("is left alone where it is a language or an emoji", () => {
    for (const s of ["Zoë café", "שלום עולם", "نمی‌خواهم", "👩‍⚕️ 🏴", "line\n\ttab", "naïve — “quotes”"]) expect(plain(s)).toBe(s);
  });
});

describe("times", () => {
  it("are London's, with UTC beside them", () => {
    expect(moment(new Date("2026-05-12T23:10:00Z"))).toBe("13 May 2026, 00:10:00 BST (12 May 2026, 23:10:00 UTC)");
    expect(moment(new Date("2026-01-12T23:10:00Z"))).toBe("12 Jan 2026, 23:10:00 GMT (the same in UTC)");
  });
  it("are read in one form", () => {
    expect(utc(" 2026-05-12 15:10 ")).toBe(Date.UTC(2026, 4, 12, 15, 10));
    expect(utc("")).toBeNull();
    for (const s of ["12/05/2026", "2026-13-01 00:00", "2026-02-30 10:00", "yesterday"]) expect(utc(s)).toBeUndefined();
    expect(instant("2026-05-12T15:10:00.123Z")?.getTime()).toBe(Date.UTC(2026, 4, 12, 15, 10, 0, 123));
    expect(instant("2026-05-12")).toBeNull();
  });
});

describe("words", () => {
  it("are made for kinds and parts", () => {
    expect(kindWords("severity.lowering_asked")).toBe("Severity lowering asked");
    expect(parts([4, 5])).toBe("its content and its references");
    expect(parts([0, 1, 2, 3, 4, 5, 6, 7])).toBe("everything");
  });
});

describe("base64", () => {
  it("is that of the platform, and no other spelling of it", () => {
    for (let n = 0; n < 70; n++) {
      const b = Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) & 255);
      expect(toBase64(b)).toBe(Buffer.from(b).toString("base64"));
      expect(fromBase64(toBase64(b))).toEqual(b);
    }
    for (const s of ["QQ", "QR==", "Q=Q=", "QQ==\n", "====", "Q===", "QUJ=", "-_-_"]) expect(fromBase64(s)).toBeNull();
    expect(fromBase64("QR==", true)).toEqual(Uint8Array.of(65));
  });
});

describe("canonical JSON", () => {
  const read = (s: string) => canonical(new TextEncoder().encode(s));
  it("has one spelling", () => {
    for (const s of ['{"a":1,"b":[true,null,"\\u001f\\n é\u2028"]}', "[]", "-1", "9007199254740991", '{"":0,"10":1,"9":2,"__proto__":{}}', '{"\u{1f600}":1,"\uffee":2}']) expect(read(s)).toHaveProperty("value");
    for (const s of ['{"b":1,"a":1}', '{"a":1,"a":1}', "1.0", "1e3", "-0", "01", "9007199254740992", '"\\u0041"', '"\\/"', '"\\u001F"', '"\\u000a"', "[1, 2]", " 1", "1\n", "", "tru", '{"\uffee":1,"\u{1f600}":2}', "\ufeff1"]) expect(read(s)).toHaveProperty("why");
  });
});

describe("the file", () => {
  const build = (): Buffer => {
    const folder = mkdtempSync(join(tmpdir(), "page-"));
    execFileSync("npx", ["vite", "build", "--config", "vite.verify.config.ts", "--logLevel", "error", "--outDir", folder], { cwd: join(import.meta.dirname, ".."), stdio: ["ignore", "ignore", "inherit"] });
    const page = readFileSync(join(folder, "verify.html"));
    rmSync(folder, { recursive: true });
    return page;
  };
  it("is the same bytes each time, and lets in nothing but its own script and style", () => {
    const page = build();
    expect(build().equals(page)).toBe(true);
    const text = page.toString("utf8");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? "";
    const script = /<script>([\s\S]*)<\/script>/.exec(text)?.[1] ?? "";
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "";
    const sum = (s: string) => `'sha256-${createHash("sha256").update(s).digest("base64")}'`;
    expect(policy).toBe(
      `default-src 'none'; script-src ${sum(script)}; style-src ${sum(style)}; worker-src blob:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types wardroom-verify`,
    );
    expect(text.split("<script").length).toBe(2);
    expect(text).not.toMatch(/\b(?:src|href)="(?!#)/);
  }, 60_000);
});
