// Requests as an attacker writes them: any path, any bytes, any header twice. `fetch` would tidy them up.

import { Agent, request, type IncomingMessage } from "node:http";
import { note } from "./document.ts";
import type { Reply, Sent } from "./exchange.ts";

export type { Reply, Sent } from "./exchange.ts";

/** A connection that idles is let go before the server, which waits 5 s, closes it under a request. */
const agent = new Agent({ keepAlive: true, maxSockets: 512, timeout: 3_000 });

/** Sends one request and reads the whole answer. */
export function send(origin: string, sent: Sent): Promise<Reply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: hostname,
        port,
        method: sent.method ?? "GET",
        path: sent.path,
        headers: {
          ...(sent.body === undefined ? {} : { "content-length": Buffer.byteLength(sent.body) }),
          ...sent.headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const answer = reply(incoming, Buffer.concat(chunks).toString());
          note(sent, answer);
          resolve(answer);
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(sent.body);
  });
}

function reply(incoming: IncomingMessage, text: string): Reply {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    setCookies: incoming.headers["set-cookie"] ?? [],
    text,
    json,
    trips: Number(incoming.headers["x-d1-trips"] ?? Number.NaN),
  };
}

/** Asks again within a second as long as there is no room for a slow hash, as a client does that is told so. */
export async function patiently(ask: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await ask();
    if (reply.status !== 429 || reply.headers["retry-after"] !== "1") return reply;
    // Not all of them in the same moment.
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.random()));
  }
}
