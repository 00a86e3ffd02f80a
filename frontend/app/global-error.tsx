"use client";

import "./globals.css";
import { PageBroke } from "@/components/BrokenView";

/** As `error.tsx`, where not even the layout is left. */
export default function GlobalError({ error }: { error: Error }) {
  return (
    <html lang="en">
      <body>
        <PageBroke technical={String(error)} />
      </body>
    </html>
  );
}
