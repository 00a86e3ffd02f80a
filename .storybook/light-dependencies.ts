import { fileURLToPath } from "node:url";
import { type ConfigEnv, normalizePath, type Plugin, type UserConfig } from "vite";

/** What Storybook and its addons put before every story. */
const ANNOTATIONS = [
  "@storybook/react/entry-preview",
  "@storybook/react/entry-preview-argtypes",
  "@storybook/react/entry-preview-docs",
  "@storybook/nextjs-vite/preview",
  "@storybook/addon-docs/preview",
  "@storybook/addon-a11y/preview",
];

/** What every story loads, of what others may load too. */
const OF_EVERY_STORY =
  /\/node_modules\/(?:react|react-dom|scheduler|next|styled-jsx|framer-motion|motion-dom|motion-utils|@swc\/helpers|@storybook\/(?:global|react|nextjs-vite|addon-a11y))\//;

/**
 * The packages that a story needs, as few and small files. By itself Vite serves a file for each of Storybook's own
 * modules and for whatever two packages share, and gives each a source map that leads to itself: three quarters of what
 * a browser would read.
 */
export function lightDependencies(): Plugin[] {
  const names = new Map(
    ANNOTATIONS.map((name) => [normalizePath(fileURLToPath(import.meta.resolve(name))), name]),
  );
  return [
    {
      name: "twincast:few-files-of-dependencies",
      apply: isOpenedInBrowser,
      enforce: "pre",
      config: () => ({
        optimizeDeps: {
          // axe-core comes with the first accessibility check
          include: [...ANNOTATIONS, "axe-core"],
          rolldownOptions: {
            output: { codeSplitting: { groups: [{ name: "every-story", test: OF_EVERY_STORY }] } },
          },
        },
      }),
      resolveId(source, importer) {
        // Storybook imports them by their path, and Vite bundles only what is imported by its name
        const name = names.get(source);
        return name && this.resolve(name, importer, { skipSelf: true });
      },
    },
    {
      name: "twincast:no-maps-of-dependencies",
      apply: isOpenedInBrowser,
      enforce: "post",
      transform: {
        filter: { id: /\/node_modules\// },
        // with the line end, since Vite looks at the map only of code that is not what it was
        handler: (code) => ({ code: `${code}\n`, map: { mappings: "" } }),
      },
    },
  ];
}

/** Tests and the static build have bundles of their own. */
function isOpenedInBrowser(_: UserConfig, { command }: ConfigEnv): boolean {
  return command === "serve" && !process.env.VITEST;
}
