// A request and its answer.

import type { IncomingMessage } from "node:http";

export interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

export interface Reply {
  status: number;
  headers: IncomingMessage["headers"];
  setCookies: string[];
  text: string;
  /** The parsed body; undefined where it is not JSON. */
  json: any;
  /** D1 round trips before the reply, as the harness counted them. */
  trips: number;
}
