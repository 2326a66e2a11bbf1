/** One door to the hub: adds the access token, renews it once when it is refused, and turns every failure into an `ApiError`. */

import { ApiError } from "./errors";
import type { SendFile } from "./upload";

export interface TokenSource {
  current(): string | null;
  /** A fresh token; rejects if the session is over. */
  renew(): Promise<string>;
}

export interface RequestOptions {
  query?: Record<string, string | number | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface UploadOptions {
  /** From 0 to 1. */
  onProgress(part: number): void;
  signal: AbortSignal;
}

export interface Http {
  request(method: string, path: string, options?: RequestOptions): Promise<unknown>;
  upload(path: string, file: Blob, name: string, options: UploadOptions): Promise<unknown>;
}

const BASE = "/api/v1";
const TIMEOUT_MS = 20_000;

export interface HttpParts {
  fetch: typeof fetch;
  sendFile: SendFile;
  tokens: TokenSource;
  /** Told the hub's clock (milliseconds since the epoch) with every answer that carries it. */
  onServerTime?: (millis: number) => void;
}

export function createHttp({ fetch, sendFile, tokens, onServerTime }: HttpParts): Http {
  async function once(method: string, path: string, options: RequestOptions, token: string | null) {
    const response = await send(fetch, method, path, options, token);
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) onServerTime?.(date);
    return response;
  }

  return {
    async request(method, path, options = {}) {
      let response = await once(method, path, options, tokens.current());
      if (response.status === 401 && tokens.current() !== null) {
        response = await once(method, path, options, await tokens.renew());
      }
      return read(response);
    },
    async upload(path, file, name, options) {
      const attempt = (token: string | null) => sendFile({ path: BASE + path, file, name, token, ...options });
      let answer = await attempt(tokens.current());
      if (answer.status === 401 && tokens.current() !== null) answer = await attempt(await tokens.renew());
      if (answer.status < 200 || answer.status >= 300) throw ApiError.of(answer.status, answer.body);
      return answer.body;
    },
  };
}

/** A call that carries no token: sign-in, refresh, sign-out. */
export async function callBare(fetch: typeof globalThis.fetch, path: string, body?: unknown): Promise<unknown> {
  return read(await send(fetch, "POST", path, { body }, null));
}

/** The same for what anybody may read. */
export async function readBare(fetch: typeof globalThis.fetch, path: string): Promise<unknown> {
  return read(await send(fetch, "GET", path, {}, null));
}

async function send(
  fetch: typeof globalThis.fetch,
  method: string,
  path: string,
  { query, body, headers }: RequestOptions,
  token: string | null,
): Promise<Response> {
  const init: RequestInit = {
    method,
    credentials: "same-origin",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  };
  if (body !== undefined) init.body = JSON.stringify(body);
  try {
    return await fetch(BASE + path + queryString(query), init);
  } catch {
    throw ApiError.unreachable();
  }
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw ApiError.of(response.status, body);
  return body;
}

function queryString(query: RequestOptions["query"]): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
