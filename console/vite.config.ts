import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` talks to a hub that runs elsewhere; the built console is served by the hub itself.
const hub = process.env["BASE_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": hub,
      "/files": hub,
      "/socket.io": { target: hub, ws: true },
    },
  },
  build: {
    outDir: "dist",
    target: "es2022",
    // Everything stays a file of its own: the content security policy allows neither data: scripts nor inline styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});
