/** CSS pixels of screens that people hold, for Storybook's toolbar. */
const screen = (name: string, width: number, height: number, type: "mobile" | "tablet" | "desktop") => ({
  name: `${name} (${width} × ${height})`,
  styles: { width: `${width}px`, height: `${height}px` },
  type,
});

export const viewports = {
  iphoneSe1: screen("iPhone SE, 2016", 320, 568, "mobile"),
  galaxyS24: screen("Galaxy S24", 360, 780, "mobile"),
  iphoneSe3: screen("iPhone SE, 2022", 375, 667, "mobile"),
  iphone14: screen("iPhone 14", 390, 844, "mobile"),
  iphone14Landscape: screen("iPhone 14, landscape", 844, 390, "mobile"),
  iphone16Pro: screen("iPhone 16 Pro", 402, 874, "mobile"),
  pixel9: screen("Pixel 9", 412, 923, "mobile"),
  pixel9Landscape: screen("Pixel 9, landscape", 923, 412, "mobile"),
  iphone16ProMax: screen("iPhone 16 Pro Max", 440, 956, "mobile"),
  ipadMini: screen("iPad mini", 744, 1133, "tablet"),
  laptop: screen("Laptop", 1280, 800, "desktop"),
};

/**
 * CSS pixels of the screens that stories are pictured on: a phone, the same on its side, a laptop's window, and the
 * smallest phone that is still met, both ways.
 */
export const PICTURE_SCREENS = {
  phone: { width: 390, height: 844 },
  landscape: { width: 844, height: 390 },
  desktop: { width: 1440, height: 900 },
  small: { width: 320, height: 568 },
  smallLandscape: { width: 568, height: 320 },
} as const;

export type PictureScreen = keyof typeof PICTURE_SCREENS;
