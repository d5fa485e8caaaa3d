// Every element of the package; importing it defines them.

export * from "./api";
export { PosternBackupCodes } from "./backup-codes";
export { PosternChallenge } from "./challenge";
export { PosternEnroll } from "./enroll";
export { PosternSecurity } from "./security";
export { setWords } from "./words/security";
