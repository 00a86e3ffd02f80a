import { defineConfig } from "vite";

export default defineConfig({
  // The package finds its workers beside its own files: Vite's server must serve them as they are.
  optimizeDeps: { exclude: ["twincast"] },
  build: { rolldownOptions: { input: ["index.html", "canvas.html", "watch.html"] } },
});
