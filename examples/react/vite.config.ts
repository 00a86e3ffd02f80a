import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The package finds its workers beside its own files: Vite's server must serve them as they are.
  optimizeDeps: { exclude: ["twincast"] },
});
