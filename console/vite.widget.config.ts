import { defineConfig } from "vite";

// One file with a fixed name beside the console's: what the pages of others load by one script tag.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/widget/main.ts", formats: ["iife"], name: "SwitchboardChat", fileName: () => "widget.js" },
  },
});
