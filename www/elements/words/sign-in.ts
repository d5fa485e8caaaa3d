// The words of the sign-in page and of what every page may ask or say, in the language that the browser asks for; those
// of the other pages are beside this file. English is complete by being the first; another language has the type of it,
// so that a word that is missing does not compile, and is fetched only when it is asked for.

import { en, type SignInWords } from "./en/sign-in";
import { language } from "./language";

export const words: SignInWords = language === "de" ? (await import("./de/sign-in")).de : en;
