// The language that the browser asks for, among those that there are.

const LANGUAGES = ["en", "de"] as const;
type Language = (typeof LANGUAGES)[number];

const of = (tag: string): Language | undefined => LANGUAGES.find((one) => one === tag.split("-")[0]);

/** The first language of the browser's that is here, with its region for dates and numbers: `de-AT`. */
export const locale: string = navigator.languages.find(of) ?? "en";

export const language: Language = of(locale) ?? "en";
