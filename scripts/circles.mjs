// Finds circles of files: files that, by what they use of each other, cannot be understood one after the other.
// A file that only hands on what others define is looked through. Left out are tests, and what a noun's file hands on
// of the parts below it: parts may use the types of their noun.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ROOT } from "./steps.mjs";

/** The roots of Rust crates and of TypeScript, each without circles. */
const CRATES = ["src", "worker/src", "www/wasm/src", "www/wasm/audit/src"];
const SCRIPTS = ["www/elements", "www/pages", "tests/harness", "scripts"];

/** Every circle: a list of files, the last of which uses the first. */
export function circles() {
  const graphs = [
    ...CRATES.map((root) => rust(join(ROOT, root))),
    scripts(SCRIPTS.map((root) => join(ROOT, root))),
  ];
  return graphs.flatMap(stronglyConnected).map((files) => files.map((file) => relative(ROOT, file)).sort());
}

function filesUnder(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && !/node_modules|\/pkg/.test(path));
}

// --- Rust ----------------------------------------------------------------------------------------------------

function rust(root) {
  const modules = new Map();
  for (const file of filesUnder(root, [".rs"])) {
    if (/(^|\/)tests(\/|\.rs$)/.test(relative(root, file))) continue;
    const name = relative(root, file)
      .replace(/\.rs$/, "")
      .replace(/(^|\/)(mod|lib)$/, "");
    modules.set(name.split("/").filter(Boolean).join("::"), file);
  }
  const handedOn = new Map();
  const handsOnOnly = new Set();
  const uses = new Map();
  for (const [module, file] of modules) {
    const text = withoutComments(
      readFileSync(file, "utf8").split(/#\[cfg\(test\)\]\s*\n\s*(?:#\[[^\]]*\]\s*)*mod \w+ \{/)[0],
    );
    const names = new Map();
    for (const [, path] of text.matchAll(/\bpub(?:\([^)]*\))? use ([^;]+);/g)) {
      for (const one of spread(path)) names.set(one.at(-1), absolute(one, module, modules));
    }
    handedOn.set(module, names);
    if (/^\s*$/.test(text.replace(/#!?\[[^\]]*\]|\b(?:pub(?:\([^)]*\))? )?(?:use|mod) [^;]+;/g, "")))
      handsOnOnly.add(module);
    const own = text.replace(/\bpub(?:\([^)]*\))? use [^;]+;/g, "");
    const found = [...own.matchAll(/\buse ([^;]+);/g)].flatMap(([, path]) => spread(path));
    const inline = [...own.replace(/\buse [^;]+;/g, "").matchAll(/\b(?:crate|super|self)(?:::\w+)+/g)].map(
      ([path]) => path.split("::"),
    );
    uses.set(module, [...found, ...inline]);
  }
  const target = (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const module = path.slice(0, length).join("::");
      if (!modules.has(module)) continue;
      const next = handsOnOnly.has(module) ? handedOn.get(module)?.get(path[length]) : undefined;
      // What a folder hands on is its file's.
      if (next && next.join("::") !== path.join("::")) return target(next);
      return module;
    }
    return undefined;
  };
  const graph = new Map();
  for (const [module, paths] of uses) {
    const inside = paths.map((path) => absolute(path, module, modules)).filter((path) => path !== undefined);
    const targets = inside.map(target);
    const others = targets.filter((name) => name !== undefined && name !== module);
    graph.set(modules.get(module), new Set(others.map((name) => modules.get(name))));
  }
  return graph;
}

/** `a::{b, c::d}` as its paths. */
function spread(text) {
  const path = text.replace(/\s+/g, " ").trim();
  const open = path.indexOf("{");
  if (open < 0)
    return [
      path
        .split(" as ")[0]
        .trim()
        .split("::")
        .filter((part) => part !== "self" || path.startsWith("self")),
    ];
  const head = path
    .slice(0, open)
    .split("::")
    .map((part) => part.trim())
    .filter(Boolean);
  const items = [];
  let depth = 0;
  let item = "";
  for (const char of path.slice(open + 1, path.lastIndexOf("}"))) {
    if (char === "{") depth += 1;
    if (char === "}") depth -= 1;
    if (char === "," && depth === 0) {
      items.push(item);
      item = "";
    } else item += char;
  }
  return [...items, item]
    .map((one) => one.trim())
    .filter(Boolean)
    .flatMap((one) => (one === "self" ? [head] : spread(one).map((rest) => [...head, ...rest])));
}

/** A path from the root of the crate, or undefined where it leads out of it. */
function absolute(path, module, modules) {
  const here = module === "" ? [] : module.split("::");
  if (path[0] === "crate") return path.slice(1);
  if (path[0] === "self") return [...here, ...path.slice(1)];
  let up = 0;
  while (path[up] === "super") up += 1;
  if (up > 0) return [...here.slice(0, here.length - up), ...path.slice(up)];
  return modules.has([...here, path[0]].join("::")) ? [...here, ...path] : undefined;
}

function withoutComments(text) {
  return text.replace(/\/\/.*$/gm, "");
}

// --- TypeScript and JavaScript -------------------------------------------------------------------------------

function scripts(roots) {
  const graph = new Map();
  for (const file of roots.flatMap((root) => filesUnder(root, [".ts", ".mjs"]))) {
    const text = withoutComments(readFileSync(file, "utf8"));
    const found = [...text.matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, path]) => resolve(dirname(file), path));
    const paths = found.map((path) =>
      [path, `${path}.ts`].find((one) => existsSync(one) && /\.\w+$/.test(one)),
    );
    graph.set(file, new Set(paths.filter(Boolean)));
  }
  return graph;
}

// --- circles -------------------------------------------------------------------------------------------------

/** Tarjan's strongly connected components with more than one file. */
function stronglyConnected(graph) {
  const number = new Map();
  const lowest = new Map();
  const stack = [];
  const found = [];
  const visit = (node) => {
    number.set(node, number.size);
    lowest.set(node, number.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!number.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)));
    }
    if (lowest.get(node) !== number.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component);
  };
  for (const node of graph.keys()) if (!number.has(node)) visit(node);
  return found;
}
