// The English words of the sign-in page and of what every page may ask, a file for each noun.

import { challenge } from "./challenge";
import { common } from "./common";
import { help } from "./help";
import { messages } from "./messages";
import { signIn } from "./sign-in";
import { stepUp } from "./step-up";

export const en = { challenge, common, help, messages, signIn, stepUp };

export type SignInWords = typeof en;
