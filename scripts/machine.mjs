// What this machine needs before anything can be built: the wasm target, npm packages,
// build tools, and for the tests a browser, a code generator and a QR reader.
// Each part looks first and does nothing when it is already there.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, NODE_22, ROOT, run, step, Stop } from "./steps.mjs";

const WASM = "wasm32-unknown-unknown";

/** Rust with the wasm target. rustup itself reads rust-toolchain.toml. */
export async function rust() {
  if (answer("cargo", ["--version"]) === undefined) {
    throw new Stop("Rust is missing. Install it from https://rustup.rs and run this again.");
  }
  const folder = answer("rustc", ["--print", "target-libdir", "--target", WASM]);
  if (folder !== undefined && existsSync(folder)) return;
  await step("Adding the wasm target to Rust", "about 10 s", () => run("rustup", ["target", "add", WASM]));
}

/** The packages of package-lock.json, with a Node 22 for wrangler among them. */
export async function packages() {
  const stamp = join(ROOT, "node_modules/.postern-lock");
  const wanted = digest("package.json", "package-lock.json");
  if (existsSync(NODE_22) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  await step("Installing npm packages, among them Node 22 for wrangler", "about 30 s", async () => {
    // Not the Node in node_modules, which `npm ci` removes: the one that started npm.
    const { npm_node_execpath: node, npm_execpath: npm } = process.env;
    const quiet = ["ci", "--loglevel=error"];
    if (node && npm && !node.startsWith(ROOT)) await run(node, [npm, ...quiet]);
    else await run("npm", quiet, { env: { PATH: withoutOurs(process.env.PATH ?? "") } });
    writeFileSync(stamp, wanted);
  });
}

/** worker-build and wasm-bindgen at the versions of Cargo.lock, compiled once into target/tools. */
export async function tools() {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  await tool("worker-build", "worker-build", locked(lock, "worker"), "about 4 minutes");
  await tool("wasm-bindgen", "wasm-bindgen-cli", locked(lock, "wasm-bindgen"), "3 to 6 minutes");
}

async function tool(command, crate, version, estimate) {
  const here = answer(command, ["--version"])?.split(" ").at(-1);
  if (here === version) return;
  if (crate === "worker-build") await systemPackages([["pkg-config", "pkg-config"]]);
  if (crate === "worker-build" && process.platform === "linux") {
    // worker-build links OpenSSL for downloads that we never let it make.
    if (answer("pkg-config", ["--exists", "openssl"]) === undefined) await apt(["libssl-dev"]);
  }
  const because = here ? `, the one here is ${here}` : "";
  await step(`Compiling ${crate} ${version} into target/tools${because}`, estimate, () =>
    run(
      "cargo",
      ["install", "--locked", "--quiet", "--force", `${crate}@${version}`]
        .concat("--root", join(ROOT, "target/tools"))
        .concat("--target-dir", join(ROOT, "target/tools-build")),
      {
        // They run for seconds: what counts is how long they take to compile.
        env: {
          CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
          CARGO_PROFILE_RELEASE_LTO: "off",
          CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
          CARGO_PROFILE_RELEASE_DEBUG: "0",
        },
      },
    ),
  );
}

/** Programs that only the tests need. Answers the names of those that could not be had. */
export async function testers() {
  return systemPackages([
    ["chromium", "chromium"],
    ["oathtool", "oathtool"],
    ["zbarimg", "zbar-tools"],
    ["firefox-esr", "firefox-esr"],
    ["WebKitWebDriver", "webkit2gtk-driver"],
    ["Xvfb", "xvfb"],
  ]);
}

/** A Python with pyotp in target/python, or undefined where none can be made. */
export async function pyotp() {
  const folder = join(ROOT, "target/python");
  const python = join(folder, "bin/python");
  const here = () => answer(python, ["-c", "import pyotp; print('here')"]) === "here";
  if (here()) return python;
  await step("Setting up pyotp in target/python", "about 15 s", async () => {
    try {
      await run("python3", ["-m", "venv", folder]);
      await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pyotp==2.12.0"]);
    } catch (error) {
      console.log(`  ${error.message}`);
    }
  });
  return here() ? python : undefined;
}

/** Installs Debian packages whose command is missing; answers the packages still missing after that. */
async function systemPackages(wanted) {
  const missing = () => wanted.filter(([command]) => !which(command)).map(([, name]) => name);
  if (missing().length > 0) await apt(missing());
  return missing();
}

async function apt(names) {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const can =
    answer("apt-get", ["--version"]) !== undefined &&
    (sudo.length === 0 || answer("sudo", ["-n", "true"]) !== undefined);
  const list = names.join(" ");
  if (!can) {
    console.log(`\n▸ Missing, and apt-get cannot be used here: ${list}. Please install it yourself.`);
    return;
  }
  await step(`Installing ${list} with apt-get`, "up to 2 minutes", async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const [command, ...rest] = [...sudo, "apt-get"];
    try {
      await run(command, [...rest, "update", "-qq"], { env });
      await run(command, [...rest, "install", "-y", "-qq", "--no-install-recommends", ...names], {
        env,
      });
    } catch (error) {
      console.log(`  ${error.message}`);
    }
  });
}

/** Where a command is, or undefined. */
export function which(command) {
  return answer("sh", ["-c", 'command -v "$0"', command]);
}

/** The version of a crate in Cargo.lock. */
function locked(lock, crate) {
  const version = lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`))?.[1];
  if (version === undefined) throw new Stop(`Cargo.lock does not name ${crate}`);
  return version;
}

/** One hash over files, named from the root. */
export function digest(...files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

function withoutOurs(path) {
  return path
    .split(":")
    .filter((folder) => !folder.startsWith(ROOT))
    .join(":");
}
