import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("pages"),
  publicDir: here("public"),
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2022",
    // Nothing may turn into a data: URL: the policy lets scripts and wasm come from here only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [
        "index",
        "sign-in",
        "set-up",
        "security",
        "invitation",
        "not-me",
        "password",
        "reset",
        "overview",
        "people",
        "policy",
        "audit",
        "settings",
      ].map((page) => here(`pages/${page}.html`)),
    },
  },
});
