// The plan of the page that checks bundles: it shares no code with the web
// app, its core knows no page, and text gets into the page in one way.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const here = import.meta.dirname;
const files = readdirSync(here, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".ts") && !/\.(test|d)\.ts$/.test(f));
const text = (f: string): string => readFileSync(join(here, f), "utf8");
const imports = files.flatMap((file) =>
  [...text(file).matchAll(/^(?:import|export)\s+(?:[^"'`;=()]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm)].map((m) => {
    const name = m[1] ?? m[2] ?? "";
    return { file, from: name.startsWith(".") ? relative(here, resolve(here, dirname(file), name)) : name };
  }),
);

describe("the plan of the verifying page", () => {
  it("has files and imports to judge", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(50);
  });

  it("shares nothing with the web app", () => {
    expect(imports.filter((i) => i.from.startsWith(".."))).toEqual([]);
  });

  it("rests on nothing but the three libraries of primitives", () => {
    const packages = imports.filter((i) => !existing(i.from) && i.from !== "virtual:worker");
    expect(packages.filter((i) => !/^@noble\/(hashes|curves|post-quantum)\//.test(i.from))).toEqual([]);
    expect(packages.filter((i) => !i.file.startsWith("core/") && !i.file.startsWith("kit/"))).toEqual([]);
  });

  it("has a core that knows neither page nor worker, and tests' kit is nobody's", () => {
    expect(imports.filter((i) => i.file.startsWith("core/") && existing(i.from) && !i.from.startsWith("core/"))).toEqual([]);
    expect(imports.filter((i) => i.from.startsWith("kit/") && !i.file.startsWith("kit/"))).toEqual([]);
    expect(imports.filter((i) => !i.file.startsWith("page/") && i.from.startsWith("page/"))).toEqual([]);
  });

  it("asks for nothing, keeps nothing, and runs nothing that it reads", () => {
    const bad = /\.innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|localStorage|sessionStorage|indexedDB|document\.cookie/;
    expect(files.filter((f) => bad.test(text(f)))).toEqual([]);
  });
});

function existing(from: string): boolean {
  return files.some((f) => f === `${from}.ts` || f === from);
}
