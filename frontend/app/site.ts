/** What the pages say of themselves to browsers, to home screens and to link previews. */

export const NAME = "Twincast";
export const DESCRIPTION = "Streams this phone's camera and microphone, as two independent live streams.";

/** `theme.css`'s --ground-page: the browser's bars have the colour of the page. */
export const THEME_COLORS = [
  { media: "(prefers-color-scheme: light)", color: "#f4f3f0" },
  { media: "(prefers-color-scheme: dark)", color: "#0b0d0f" },
] as const;

export const SOCIAL_CARD = { path: "/social-card.png", width: 1200, height: 630 } as const;
