// A new password, and turning the second step off.

export const account = {
  passwordMore: "Your first step.",
  changePassword: "Change password",
  changeMore: "Everything else that is signed in as you is signed out, and trusted devices are forgotten.",
  currentPassword: "Current password",
  newPassword: "New password",
  passwordHint: (shortest: number) => `At least ${shortest} characters. Long beats complicated.`,
  savePassword: "Save password",
  tooShort: (shortest: number) => `Use at least ${shortest} characters.`,
  passwordChanged: "Your password is changed.",
  enterCurrent: "Enter your current password.",
  turnOff: "Turn off",
  turnOffMore: "Go back to one step.",
  hasToStay: (organization: string) => `${organization} asks for a second step, so it can’t be turned off.`,
  turnOffAll: "Turn off two-step sign-in",
  turnOffSure: "Turn off two-step sign-in?",
  turnOffEnds:
    "All your authenticators, backup codes and trusted devices end. From then on your password alone signs you in.",
  turnedOff: "Two-step sign-in is off.",
};
