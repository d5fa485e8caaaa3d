import { defineConfig } from "@playwright/test";

// The system's Chromium: none is downloaded.
const chromium = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export default defineConfig({
  testDir: ".",
  // Every test makes its own people; the cases of one file go to both servers.
  fullyParallel: true,
  // Two runs side by side must not clear away each other's traces.
  outputDir: process.env.POSTERN_TEST_OUTPUT ?? "../test-results/playwright",
  globalSetup: "./harness/setup.ts",
  // One server per worker (fixtures.ts). A third one uses the time in which the other two wait.
  workers: 3,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["json", { outputFile: "../test-results/playwright.json" }]],
  projects: [
    { name: "api", testMatch: "api/**/*.test.ts" },
    { name: "attacks", testMatch: "attacks/**/*.test.ts" },
    // What measures time, run with one worker and nothing beside it.
    { name: "alone", testMatch: "attacks/**/*.alone.ts" },
    {
      name: "browser",
      testMatch: "browser/**/*.test.ts",
      use: { browserName: "chromium", launchOptions: chromium, trace: "retain-on-failure" },
    },
    // The same pages in engines that Playwright does not drive; these start them themselves.
    { name: "engines", testMatch: "engines/**/*.test.ts" },
  ],
});
