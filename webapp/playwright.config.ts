import { defineConfig } from "@playwright/test";

// The journeys: Debian's Chromium, the build of it without a window (a third
// less work for the machine than the whole one without showing it), against the
// real server, its real database and its real sign-in services. Every worker has a deployment of its own
// (e2e/house.ts), so that a test may stop one.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  globalSetup: "./e2e/build.ts",
  workers: 2, // a journey waits for a part of its time; the machine has two cores
  fullyParallel: false,
  forbidOnly: process.env["CI"] !== undefined,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: "/usr/bin/chromium-headless-shell",
      // Each page lives for seconds: optimising its code takes longer than the code then saves.
      args: ["--js-flags=--no-opt --always-sparkplug", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    screenshot: "only-on-failure",
    locale: "en-GB",
    timezoneId: "America/New_York", // the product shows London time wherever the reader is
  },
});
