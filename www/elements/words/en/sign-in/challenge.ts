// The question for a second step.

const NUMBERS: Record<number, string> = { 6: "six", 7: "seven", 8: "eight" };
const counted = (lengths: number[]) => lengths.map((length) => NUMBERS[length] ?? length).join(" or ");

export const challenge = {
  lead: {
    passkey: "Your browser asks for your fingerprint, face or screen lock, or for your security key.",
    backup_code: "Enter one of the backup codes you saved when you set this up.",
    password: "Enter your password to show that it’s you.",
  },
  /** With the lengths that a code may have. */
  leadOfApp: (lengths: number[]) =>
    `Open your authenticator app and enter the ${lengths.length > 1 ? "code" : `${counted(lengths)} digits`} it shows for this account.`,
  use: {
    passkey: "Use your passkey",
    totp: "Use your authenticator app",
    backup_code: "Use a backup code",
    password: "Use your password",
  },
  endsSoon: {
    question: "This question ends in less than a minute.",
    signIn: "This sign-in ends in less than a minute.",
  },
  trust: (days: number) => `Remember this device for ${days} days`,
  noneOfThese: "I can’t use any of these",
  whichApp: "Which app is the code from?",
  chooseOne: "Choose one",
  anyApp: "Any of my apps",
  verify: "Verify",
  late: "A passkey has to be used within five minutes, and they are over.",
  backupCode: "Backup code",
  worksOnce: "Each code works once.",
  replyLost: "Your answer was accepted, it seems, and the reply to it got lost.",
  codeUsedUp: "That backup code is used up: take another one.",
  ended: {
    question: "This question was open for too long and has ended. Nothing was changed.",
    signIn:
      "This sign-in has ended, as it does when it stays open for too long. Your account and your codes are fine.",
  },
  askAgain: "Ask again",
  signInAgain: "Sign in again",
  cannotUsePasskey:
    "You have a passkey, and this browser can’t use one. Open this page in the browser or on the device where you made it.",
  enterBackupCode: "Enter one of your backup codes.",
  digits: (lengths: number[]) => `A code is ${counted(lengths)} digits.`,
};
