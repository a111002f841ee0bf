// The plan of the web app, as a test: who may import whom, and where React
// may stand. See README.md.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const src = import.meta.dirname;

/** Which folders each may import from, itself apart, and which packages. */
const plan: Readonly<Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>> = {
  protocol: { folders: [], packages: [] },
  stream: { folders: ["protocol"], packages: ["idb"] },
  proof: { folders: ["protocol"], packages: ["@noble/hashes", "@noble/curves", "@noble/post-quantum"] },
  room: { folders: ["protocol", "stream", "proof"], packages: ["react"] },
  ui: { folders: ["protocol"], packages: ["react", "react-dom", "nhsuk-react-components", "nhsuk-frontend", "@tanstack/react-router", "markdown-it", "dompurify"] },
  features: {
    folders: ["protocol", "stream", "proof", "room", "ui"],
    packages: [
      "react", "react-dom", "nhsuk-react-components", "nhsuk-frontend", "@tanstack/react-router", "@tanstack/react-query",
      "@tanstack/react-virtual", "markdown-it", "dompurify",
    ],
  },
  app: {
    folders: ["protocol", "stream", "proof", "room", "ui", "features", "styles"],
    packages: ["react", "react-dom", "nhsuk-react-components", "nhsuk-frontend", "@tanstack/react-router", "@tanstack/react-query"],
  },
};

interface Import {
  readonly file: string; // within src
  readonly from: string; // a folder and file within src, or a package
  readonly local: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((f) => /\.tsx?$/.test(f) && !/\.test\.tsx?$/.test(f) && !f.endsWith(".cli.ts") && f.includes("/"));

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(src, file), "utf8");
  const names = [...text.matchAll(/^(?:import|export)\s+(?:[^"'`;=()]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm)];
  return names.map((m) => (m[1] ?? m[2] ?? "").replace(/\?.*$/, "")).map((name) => {
    const local = name.startsWith(".");
    return { file, local, from: local ? relative(src, resolve(src, dirname(file), name)) : packageOf(name) };
  });
}

function packageOf(name: string): string {
  return name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
}

const top = (path: string): string => path.split("/")[0] ?? "";
const imports = files.flatMap(importsOf);

describe("the plan of the web app", () => {
  it("has files and imports to judge", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.filter((i) => i.local).length).toBeGreaterThan(40);
  });

  it("knows every folder", () => {
    expect([...new Set(files.map(top))].filter((folder) => !(folder in plan))).toEqual([]);
  });

  it("lets a folder import only from those below it", () => {
    const bad = imports.filter((i) => i.local && top(i.from) !== top(i.file) && !plan[top(i.file)]?.folders.includes(top(i.from)));
    expect(bad).toEqual([]);
  });

  it("gives every library its home", () => {
    const bad = imports.filter((i) => !i.local && !plan[top(i.file)]?.packages.includes(i.from));
    expect(bad).toEqual([]);
  });

  it("lets no feature import another", () => {
    const feature = (path: string) => path.split("/")[1] ?? "";
    const bad = imports.filter(
      (i) => i.local && top(i.file) === "features" && top(i.from) === "features" && feature(i.file) !== feature(i.from),
    );
    expect(bad).toEqual([]);
  });

  it("keeps React in useRoom.ts and in *.tsx", () => {
    const bad = imports.filter((i) => /^(react|react-dom|@tanstack\/react-.*|nhsuk-react-components)$/.test(i.from) && !/\.tsx$|^room\/useRoom\.ts$/.test(i.file));
    expect(bad).toEqual([]);
  });

  it("puts no HTML into the page but through one place", () => {
    const bad = files.filter((f) => /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write/.test(readFileSync(join(src, f), "utf8")));
    expect(bad.filter((f) => f !== "ui/Markdown.tsx")).toEqual([]);
  });
});
