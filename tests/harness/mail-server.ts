// A server of an application that sends Postern's mail: it takes webhooks, and knows ours by their signature.

import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import type { Harness } from "./harness.ts";

/** A mail as a webhook brings it. */
export interface Delivered {
  /** The same at every try. */
  id: string;
  type: string;
  data: {
    organization: string;
    user: string;
    to: string;
    language: "en" | "de";
    subject: string;
    text: string;
    html: string;
    links: { act: string | null; not_me: string | null; security: string };
  };
}

export class MailServer {
  readonly mails: Delivered[] = [];
  /** What is answered to what comes; 204 where nothing is said. */
  status = 204;
  headers: Record<string, string> = {};
  /** Requests that were not ours. */
  refused = 0;
  private constructor(
    private readonly server: Server,
    private readonly webhook: Webhook,
    readonly url: string,
  ) {}

  /** Starts a server on 127.0.0.1, and lets `harness` send its mail there. */
  static async start(harness: Harness): Promise<MailServer> {
    const key = `whsec_${randomBytes(32).toString("base64")}`;
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const mail = new MailServer(server, new Webhook(key), `http://localhost:${port}/mail`);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        response.writeHead(mail.take(text, request.headers as Record<string, string>), mail.headers).end();
      });
    });
    await harness.vars({ MAIL_WEBHOOK: mail.url, POSTERN_WEBHOOK_KEY: key });
    return mail;
  }

  /** Ends it, and mail waits again. */
  async stop(harness: Harness): Promise<void> {
    await harness.vars({ MAIL_WEBHOOK: "", POSTERN_WEBHOOK_KEY: "" });
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  /** The mails of a kind to an address. */
  of(kind: string, to: string): Delivered[] {
    return this.mails.filter(({ type, data }) => type === `mail.${kind}` && data.to === to);
  }

  private take(text: string, headers: Record<string, string>): number {
    try {
      this.webhook.verify(text, headers);
    } catch {
      this.refused += 1;
      return 401;
    }
    if (this.status < 300) {
      this.mails.push({ id: headers["webhook-id"] as string, ...JSON.parse(text) });
    }
    return this.status;
  }
}
