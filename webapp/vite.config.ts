import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The server serves dist/ under a policy without inline script or style and
// without data: URLs, so nothing may be inlined; names carry a hash, so that
// everything but index.html can be cached for ever.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  worker: { format: "es" },
  css: {
    preprocessorOptions: { scss: { loadPaths: ["node_modules"], quietDeps: true } },
    lightningcss: { errorRecovery: true }, // nhsuk-frontend holds one rule that lightningcss rejects
  },
  test: {
    projects: [
      { extends: true, test: { name: "logic", environment: "node", include: ["src/**/*.test.ts", "verify/**/*.test.ts"], testTimeout: 30_000 } },
      { extends: true, test: { name: "views", environment: "jsdom", include: ["src/**/*.test.tsx"], setupFiles: ["vitest.setup.ts"], testTimeout: 30_000 } },
    ],
  },
});
