import "./globals.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = {
  title: "Twincast",
  description: "Streams this phone's camera and microphone, as two independent live streams.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  // Lets the picture run under the notch; the layout keeps clear of it with safe-area insets.
  viewportFit: "cover",
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
