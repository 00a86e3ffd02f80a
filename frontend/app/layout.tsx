import "./globals.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";

const METADATA: Metadata = {
  title: "Twincast",
  description: "Streams this phone's camera and microphone, as two independent live streams.",
  applicationName: "Twincast",
  manifest: "/manifest.webmanifest",
  icons: {
    icon: [
      { url: "/icons/favicon.svg", type: "image/svg+xml" },
      { url: "/icons/favicon-32.png", sizes: "32x32" },
    ],
    apple: "/icons/apple-touch-icon.png",
  },
  appleWebApp: { capable: true, title: "Twincast", statusBarStyle: "black-translucent" },
  openGraph: { title: "Twincast", images: [{ url: "/social-card.png", width: 1200, height: 630 }] },
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
  themeColor: "#0b0d0f",
  colorScheme: "light dark",
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
