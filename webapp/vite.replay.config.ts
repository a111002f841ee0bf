import { defineConfig } from "vite";

// Bundles the reducer for Node, so that the server's tests can feed it real
// histories: see src/room/replay.cli.ts.
export default defineConfig({
  build: {
    ssr: "src/room/replay.cli.ts",
    outDir: "dist-replay",
    target: "node20",
    rolldownOptions: { output: { entryFileNames: "replay.js" } },
  },
});
