// The English words of the organization's pages, a file for each page.

import { frame } from "./frame";

export const en = { frame };
