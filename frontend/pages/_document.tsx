import { Head, Html, Main, NextScript } from "next/document";
import { KEEP_PRESS } from "@/app/early-press";

/** As the style sheet names them. */
const LETTERS = new URL("../app/fonts/inter.woff2", import.meta.url);

export default function Document() {
  return (
    <Html lang="en">
      <Head>
        {/* Before the style sheets: behind them it would wait for them, and a press of the first frame be lost. */}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours */}
        <script dangerouslySetInnerHTML={{ __html: KEEP_PRESS }} />
        {/* Behind the code: the style sheet alone would have them fetched first, and the button would wait for them. */}
        <link
          rel="preload"
          as="font"
          type="font/woff2"
          crossOrigin="anonymous"
          fetchPriority="low"
          href={LETTERS.pathname}
        />
      </Head>
      <body>
        <Main />
        <NextScript />
      </body>
    </Html>
  );
}
