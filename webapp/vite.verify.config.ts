import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { build, defineConfig, type Plugin } from "vite";

// The offline verifier: one HTML file with everything in it, dist/verify.html,
// which is put into every bundle. It may be opened from a disk, so it asks for
// nothing, and its policy lets nothing in but the script and style below. The
// script is not minified: whoever relies on it can read it.

const here = (name: string): string => new URL(`verify/${name}`, import.meta.url).pathname;
const target = "es2023";
const worker = "virtual:worker";

/** The worker's script, whole, as text for a Blob. */
async function workerScript(): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "error",
    publicDir: false,
    build: { write: false, minify: false, target, modulePreload: false, rolldownOptions: { input: here("worker.ts"), output: { format: "iife", codeSplitting: false } } },
  });
  const chunks = "output" in made ? made.output.filter((o) => o.type === "chunk") : [];
  const [only, ...others] = chunks;
  if (!only || others.length > 0) throw new Error(`the worker came out as ${chunks.length} files`);
  return only.code;
}

/** The hash by which a policy lets exactly this inline text in. */
const allow = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

function onePage(): Plugin {
  return {
    name: "one-page",
    resolveId: (id) => (id === worker ? `\0${worker}` : null),
    load: async (id) => (id === `\0${worker}` ? `export default ${JSON.stringify(await workerScript()).replaceAll("<", "\\u003c")};` : null),
    generateBundle(_, bundle) {
      const files = Object.values(bundle);
      const [main] = files;
      if (!main || main.type !== "chunk" || files.length !== 1) throw new Error(`the page came out as ${files.length} files`);
      delete bundle[main.fileName];
      const script = `\n${main.code.trim()}\n`;
      const style = `\n${readFileSync(here("style.css"), "utf8").trim()}\n`;
      if (/<\/script|<!--/i.test(script) || /<\/style|@import|url\(/i.test(style)) throw new Error("the script or style would not stand inside a page");
      const policy = [
        "default-src 'none'", `script-src ${allow(script)}`, `style-src ${allow(style)}`, "worker-src blob:", "base-uri 'none'", "form-action 'none'",
        "require-trusted-types-for 'script'", "trusted-types wardroom-verify",
      ].join("; ");
      const put = (page: string, mark: string, text: string): string => {
        const [before, after, ...more] = page.split(mark);
        if (before === undefined || after === undefined || more.length > 0) throw new Error(`${mark} must stand once in the page`);
        return before + text + after;
      };
      let page = readFileSync(here("index.html"), "utf8");
      page = put(page, "%policy%", policy);
      page = put(page, "%style%", style);
      page = put(page, "%script%", script);
      this.emitFile({ type: "asset", fileName: "verify.html", source: page });
    },
  };
}

export default defineConfig({
  plugins: [onePage()],
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false, // beside the web app
    target,
    minify: false,
    modulePreload: false,
    rolldownOptions: { input: here("page/main.ts"), output: { format: "iife", codeSplitting: false } },
  },
});
