import { defineConfig } from "@playwright/test";

// What is asked inside workerd, without the API around it: one server, one test after another.
export default defineConfig({
  testDir: ".",
  outputDir: process.env.POSTERN_TEST_OUTPUT ?? "../../test-results/playwright-bench",
  workers: 1,
  timeout: 300_000,
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["json", { outputFile: "../../test-results/playwright-bench.json" }]],
  projects: [
    { name: "workerd", testMatch: "*.test.ts" },
    // Measures; fails only when something does not work.
    { name: "bench", testMatch: "*.bench.ts" },
  ],
});
