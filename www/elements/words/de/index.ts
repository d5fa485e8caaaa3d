// Die deutschen Wörter der Seiten der Organisation, je Seite eine Datei.

import type { Words } from "..";
import { frame } from "./frame";

export const de: Words = { frame };
