"use client";

import { PageBroke } from "@/components/BrokenView";

/** What stands in the page's place when it cannot go on. Its session was closed as it went. */
export default function PageError({ error }: { error: Error }) {
  return <PageBroke technical={String(error)} />;
}
