import { readFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

/** The running server of a project: its address, and the token with which this machine may talk to it. */
function running(project: string | undefined): { url: string; token: string } | null {
  if (!project) return null;
  return JSON.parse(readFileSync(join(project, ".habitue", "server.json"), "utf8"));
}

const server = running(process.env["HABITUE_PROJECT"]);
const passed: ProxyOptions | undefined = server
  ? { target: server.url, headers: { Authorization: `Bearer ${server.token}` } }
  : undefined;

export default defineConfig({
  plugins: [react()],
  build: {
    // hatch_build.py (`make web`) says another place, and puts what was built where the server finds it.
    outDir: process.env["HABITUE_WEB_OUT"] ?? "../build/web",
    emptyOutDir: true,
    // Nothing inline: the content security policy allows files of this server alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    reportCompressedSize: false,
    // Whose work is in it, and under which terms: goes along with every wheel.
    license: { fileName: "licenses.md" },
  },
  server: {
    host: "127.0.0.1",
    proxy: passed ? { "/api": passed, "/openapi.json": passed, "/docs": passed } : {},
  },
});
