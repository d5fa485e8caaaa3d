// What Postern is measured beside: better-auth with passwords and two-factor, on D1, as its own pages set it up.

import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins/two-factor";
import { env } from "cloudflare:workers";

const auth = betterAuth({
  baseURL: env.ORIGINS,
  secret: env.POSTERN_KEYS,
  database: env.DB,
  emailAndPassword: { enabled: true },
  plugins: [twoFactor()],
  // In its favor: by default its first request reads the schema, which the stand-in for D1 does not have.
  advanced: { database: { validateSchema: false } },
  // As wide open as the shield of ours: what is measured is not to be refused.
  rateLimit: { enabled: false },
});

export default { fetch: (request) => auth.handler(request) };
