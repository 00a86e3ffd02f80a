import "./globals.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { DESCRIPTION, NAME, SOCIAL_CARD, THEME_COLORS } from "./site";

const METADATA: Metadata = {
  title: NAME,
  description: DESCRIPTION,
  applicationName: NAME,
  manifest: "/manifest.webmanifest",
  icons: {
    icon: [
      { url: "/icons/favicon.svg", type: "image/svg+xml" },
      { url: "/icons/favicon-32.png", sizes: "32x32" },
    ],
    apple: "/icons/apple-touch-icon.png",
  },
  openGraph: {
    title: NAME,
    images: [{ url: SOCIAL_CARD.path, width: SOCIAL_CARD.width, height: SOCIAL_CARD.height }],
  },
  twitter: { card: "summary_large_image" },
};

/** Addresses in link previews have to be whole, and only a request knows by which host the page is reached. */
export async function generateMetadata(): Promise<Metadata> {
  const asked = await headers();
  const host = asked.get("x-forwarded-host") ?? asked.get("host");
  const base = `${asked.get("x-forwarded-proto") ?? "http"}://${host}`;
  return URL.canParse(base) ? { ...METADATA, metadataBase: new URL(base) } : METADATA;
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  // Lets the picture run under the notch; the layout keeps clear of it with safe-area insets.
  viewportFit: "cover",
  themeColor: [...THEME_COLORS],
  colorScheme: "light dark",
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
