import { Head, Html, Main, NextScript } from "next/document";
import { KEEP_PRESS } from "@/app/early-press";

export default function Document() {
  return (
    <Html lang="en">
      <Head />
      <body>
        <Main />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours */}
        <script dangerouslySetInnerHTML={{ __html: KEEP_PRESS }} />
        <NextScript />
      </body>
    </Html>
  );
}
