/** What a call to the hub can end in, with the sentence a person gets to see. */

interface ErrorBody {
  error?: { code?: unknown; message?: unknown; request_id?: unknown; details?: unknown };
}

export class ApiError extends Error {
  constructor(
    /** 0 if no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null = null,
    readonly details: unknown = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Whether the same request may succeed if it is sent again. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  static unreachable(): ApiError {
    return new ApiError(0, "unreachable", "The hub can't be reached. Check your connection.");
  }

  static of(status: number, body: unknown): ApiError {
    const error = isErrorBody(body) ? body.error : undefined;
    const code = typeof error?.code === "string" ? error.code : `http_${status}`;
    const message = typeof error?.message === "string" ? error.message : fallback(status);
    const requestId = typeof error?.request_id === "string" ? error.request_id : null;
    return new ApiError(status, code, message, requestId, error?.details ?? null);
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "error" in body;
}

function fallback(status: number): string {
  if (status === 403) return "You aren't allowed to do this.";
  if (status === 404) return "It doesn't exist, or you may not see it.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  return status >= 500 ? "The hub has a problem. Try again in a moment." : "The hub refused the request.";
}

/** The sentence to show for whatever was thrown. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : "Something went wrong. Try again.";
}
