/** Sends a file and tells how much of it has left: `fetch` can't tell. */

import { ApiError } from "./errors";

export interface Upload {
  path: string;
  file: Blob;
  name: string;
  token: string | null;
  /** From 0 to 1. */
  onProgress(part: number): void;
  signal: AbortSignal;
}

export interface Uploaded {
  status: number;
  body: unknown;
}

export type SendFile = (upload: Upload) => Promise<Uploaded>;

/** Resolves with whatever the hub answers; rejects if it can't be reached or the upload is called off. */
export const sendFile: SendFile = ({ path, file, name, token, onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", file.type === "" ? "application/octet-stream" : file.type);
    request.setRequestHeader("x-file-name", encodeURIComponent(name));
    if (token !== null) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      resolve({ status: request.status, body: request.response as unknown });
    };
    request.onerror = () => {
      reject(ApiError.unreachable());
    };
    request.onabort = () => {
      reject(new ApiError(0, "aborted", "The upload was called off."));
    };
    signal.addEventListener("abort", () => {
      request.abort();
    });
    request.send(file);
  });
