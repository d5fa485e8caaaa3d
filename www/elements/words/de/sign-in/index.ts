// Die deutschen Wörter der Anmeldung und dessen, was jede Seite fragen kann, je Nomen eine Datei.

import type { SignInWords } from "../../en/sign-in";
import { challenge } from "./challenge";
import { common } from "./common";
import { help } from "./help";
import { messages } from "./messages";
import { signIn } from "./sign-in";
import { stepUp } from "./step-up";

export const de: SignInWords = { challenge, common, help, messages, signIn, stepUp };
