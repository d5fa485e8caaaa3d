// What the document says of itself: its language and its title.

import { locale } from "../elements/words/language";

export function speak(title: string): void {
  document.documentElement.lang = locale;
  document.title = `${title} · Postern`;
}
