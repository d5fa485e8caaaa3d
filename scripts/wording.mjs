// Finds sentences outside the tables of words: in www/elements and www/pages, text and labels of a template, and
// strings that read like one.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { ROOT } from "./steps.mjs";

const FOLDERS = ["www/elements", "www/pages"];
/** Words of a language, and the types of the API. */
const LEFT_OUT = /\/words\/\w\w\/|\.d\.ts$/;
/** What stands for a part of a template that is computed. */
const HOLE = "\u0001";
/** Names to a machine that look like words to a reader. */
const NAMES = new Set([
  "Enter",
  "Escape",
  "Problem",
  "application/json, application/problem+json",
  "username webauthn",
  `Bearer ${HOLE}`,
]);
/** What follows these is for a machine. */
const UNREAD = /\s(?:aria-describedby|aria-labelledby|autocomplete|class|for|id|style|type)=$/;
const NAMED = /\b(?:aria-label|alt|label|placeholder|title)="([^"]*)"/g;

/** Each as `file:line: text`. */
export function wording() {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((name) => join(ROOT, folder, String(name)))
      .filter((path) => path.endsWith(".ts") && !LEFT_OUT.test(path))
      .flatMap(inFile),
  );
}

function inFile(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found = [];
  const note = (node, text) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${relative(ROOT, path)}:${line + 1}: ${text.replaceAll(HOLE, "…").trim()}`);
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isError(node)) return;
    if (ts.isTaggedTemplateExpression(node)) {
      if (node.tag.getText() === "html") for (const text of shown(textOf(node.template))) note(node, text);
      else if (node.tag.getText() === "css") return;
      for (const expression of computed(node.template)) visit(expression);
      return;
    }
    if (
      ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      ts.isTemplateExpression(node)
    ) {
      const text = textOf(node);
      if (isSentence(text) && !NAMES.has(text)) note(node, text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The text of a string or a template, a hole for each part that is computed. */
function textOf(node) {
  if (!ts.isTemplateExpression(node)) return node.text;
  return node.head.text + node.templateSpans.map(({ literal }) => HOLE + literal.text).join("");
}

/** The computed parts of a template, but for those that name something to a machine. */
function computed(template) {
  if (!ts.isTemplateExpression(template)) return [];
  const before = [template.head, ...template.templateSpans.map(({ literal }) => literal)];
  return template.templateSpans
    .filter((_, index) => !UNREAD.test(before[index].text))
    .map(({ expression }) => expression);
}

/** What a template shows or names: letters between its tags and in its labels. */
function shown(template) {
  const labels = [...template.matchAll(NAMED)].map(([, text]) => text);
  const between = template.replace(/<!--.*?-->|<[^>]*>/gs, HOLE).split(HOLE);
  return [...labels, ...between].filter((text) => /\p{L}/u.test(text));
}

/** Two words side by side, or one that begins as a sentence does and is no name of a class or a constant. */
function isSentence(text) {
  const bare = text.replaceAll(HOLE, " ");
  // Names of elements and the like.
  if (bare.split(/[\s,]+/).every((word) => word.includes("-"))) return false;
  if (!/\s/.test(bare.trim())) return /^\p{Lu}\p{Ll}+[.…!?]?$/u.test(bare.trim());
  return /\p{L}{2,}[,;:.…]? \p{L}+/u.test(bare) && !/[<>{}[\]()=#]|^[MmLlHhVvAa\d .-]+$/.test(bare);
}

/** What is thrown is read by developers. */
function isError(node) {
  return ts.isNewExpression(node) && /^(?:Error|DOMException|TypeError)$/.test(node.expression.getText());
}
