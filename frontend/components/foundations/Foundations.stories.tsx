import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import * as icons from "../icons";
import { TwincastMark } from "../icons/TwincastMark";
import { contrast, over, parseColor } from "./contrast";
import styles from "./Foundations.module.css";

const INKS = ["--ink", "--ink-muted", "--good", "--warn", "--problem"] as const;
const SURFACES = ["page", "video"] as const;
/** A camera's picture is somewhere between these, everywhere. */
const WORST_PICTURES = ["#ffffff", "#000000"] as const;

/**
 * The design in numbers lives in one file, `app/theme.css`: colour, type, space, targets, radius, time. Components use
 * its names and no colour, size or time of their own.
 *
 * There are two grounds. The **page** is light or dark, as the surroundings are. The **picture** of a camera may be
 * anything, so all that must be read over it stands on a dark scrim.
 */
const meta = {
  title: "Foundations/Theme",
  parameters: { controls: { disable: true } },
} satisfies Meta;
export default meta;
type Story = StoryObj<typeof meta>;

/** Every ink on its ground, over the worst picture for it: at least 4.5:1, computed here and held by the test. */
export const Colour: Story = {
  render: () => (
    <div className={styles.sheet} data-surface="page">
      {SURFACES.map((surface) => (
        <section key={surface} className={styles.ground} data-surface={surface} data-testid={surface}>
          <div className={styles.card}>
            {INKS.map((ink) => (
              <p key={ink} style={{ color: `var(${ink})` }} data-ink={ink}>
                {ink.slice(2)}
              </p>
            ))}
          </div>
        </section>
      ))}
    </div>
  ),
  play: async ({ canvas }) => {
    for (const surface of SURFACES) {
      const section = canvas.getByTestId(surface);
      const card = section.firstElementChild as HTMLElement;
      const ground = parseColor(getComputedStyle(card).backgroundColor);
      for (const text of card.querySelectorAll<HTMLElement>("[data-ink]")) {
        const ink = parseColor(getComputedStyle(text).color);
        for (const picture of WORST_PICTURES) {
          const ratio = contrast(ink, over(ground, parseColor(picture)));
          await expect(ratio, `${text.dataset.ink} on ${surface} over ${picture}`).toBeGreaterThanOrEqual(
            4.5,
          );
        }
      }
    }
  },
};

export const ColourLightTheme: Story = {
  ...Colour,
  name: "Colour, light theme",
  globals: { theme: "light" },
};

const SIZES = ["2xl", "xl", "lg", "md", "sm", "xs"] as const;

export const Type: Story = {
  render: () => (
    <div className={styles.sheet} data-surface="page">
      {SIZES.map((size) => (
        <p key={size} style={{ fontSize: `var(--text-${size})` }} className={styles.sample}>
          <span className={styles.name}>{size}</span>
          <span>12:40 Reconnecting, try 3 in 4 s</span>
        </p>
      ))}
    </div>
  ),
};

export const Icons: Story = {
  render: () => (
    <div className={styles.sheet} data-surface="page">
      <ul className={styles.icons}>
        <li>
          <TwincastMark className={styles.icon} />
          <span>Twincast</span>
        </li>
        {Object.entries(icons).map(([name, Icon]) => (
          <li key={name}>
            <Icon className={styles.icon} />
            <span>{name.replace(/Icon$/, "")}</span>
          </li>
        ))}
      </ul>
    </div>
  ),
};
