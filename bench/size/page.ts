/** What a browser loads before the page works, as the built page's own server sends it. */
import http from "node:http";
import { freePort, startWeb } from "../../e2e/support/processes.ts";

interface LoadedFile {
  readonly path: string;
  /** On the wire, compressed. */
  readonly bytes: number;
}

export interface FirstLoad {
  readonly document: LoadedFile;
  readonly scripts: readonly LoadedFile[];
}

/** Starts the built page and asks for it as a browser does. */
export async function measureFirstLoad(): Promise<FirstLoad> {
  const port = await freePort();
  const web = await startWeb({ port, backendUrl: "http://127.0.0.1:9" });
  try {
    const html = await fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
    const paths = scriptsOf(html);
    if (paths.length === 0) throw new Error("The built page has no script tags: has Next.js changed them?");
    const scripts: LoadedFile[] = [];
    for (const path of paths) scripts.push({ path, bytes: await wireBytes(port, path) });
    return { document: { path: "/", bytes: await wireBytes(port, "/") }, scripts };
  } finally {
    await web.stop();
  }
}

/** The scripts of a page, without those that only browsers without modules load. */
function scriptsOf(html: string): string[] {
  const tags = [...html.matchAll(/<script\b[^>]*>/gi)].map(([tag]) => tag);
  const sources = tags.flatMap((tag) => {
    const source = /\ssrc="([^"]+)"/i.exec(tag)?.[1];
    return source && !/\snomodule\b/i.test(tag) ? [source.replaceAll("&amp;", "&")] : [];
  });
  return [...new Set(sources)];
}

/** fetch() decompresses and so does not tell. */
function wireBytes(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port, path, headers: { "accept-encoding": "gzip" } }, (response) => {
        let bytes = 0;
        response.on("data", (data: Buffer) => {
          bytes += data.length;
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(bytes);
          else reject(new Error(`${path} answers ${response.statusCode}.`));
        });
      })
      .on("error", reject);
  });
}
