import { addons } from "storybook/manager-api";
import { create } from "storybook/theming/create";

// The panel beside the picture: below it, a phone's screen would not be a phone's on a laptop.
addons.setConfig({
  layout: { panelPosition: "right" },
  theme: create({ base: "dark", brandTitle: "Twincast" }),
});
