import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../tools/paths.ts";
import { readFleetConfig, readRailwayConfig } from "./config.ts";

const read = (name: string) => readFileSync(join(root, name), "utf8");

const readAll = (pattern: string) => globSync(pattern, { cwd: root }).map(read).join("\n");

describe("docs/railway.md", () => {
  const guide = read("docs/railway.md");

  it("asks for the very settings and variables of .railway/railway.ts", async () => {
    const { backend, frontend } = await readRailwayConfig();
    const row = (setting: string) =>
      guide.split("\n").find((line) => line.startsWith(`| ${setting} |`)) ?? "";
    for (const { name, folder, build, deploy, variables } of [backend, frontend]) {
      expect(row("Root Directory")).toContain(`\`/${folder}\``);
      expect(row("Watch Paths")).toContain(`\`${build.watchPatterns?.join()}\``);
      expect(row("Start Command")).toContain(`\`${deploy.startCommand}\``);
      expect(row("Healthcheck Path")).toContain(`\`${deploy.healthcheckPath}\``);
      expect(row("Healthcheck Timeout")).toContain(` ${deploy.healthcheckTimeout} `);
      expect(row("Overlap / Draining (teardown)")).toContain(
        ` ${deploy.overlapSeconds} s / ${deploy.drainingSeconds} s `,
      );
      for (const [variable, value] of Object.entries(variables)) {
        if (variable === "PORT") expect(guide).toContain(`\`PORT\` = \`${value}\` in \`${name}\``);
        else expect(guide).toContain(`| \`${name}\` | \`${variable}\` | \`${value}\` |`);
      }
    }
  });

  it("asks, for several backends, for what .railway/railway.ts describes then", () => {
    const { backend, consumer } = readFleetConfig(2);
    const section = guide.slice(guide.indexOf("## More than one backend"));
    expect(section).toContain(
      `| \`backend\`, \`consumer\` | \`LOG_URL\` | \`${backend.variables.LOG_URL}\` |`,
    );
    expect(consumer.variables).toEqual({ LOG_URL: backend.variables.LOG_URL });
    expect(section).toContain(`\`${consumer.deploy.startCommand}\``);
    expect(section).toContain(`Draining ${consumer.deploy.drainingSeconds} s`);
  });

  it("quotes the page's notices as the page words them", () => {
    const page = read("frontend/components/BackendNotice/backendWords.ts");
    for (const words of [
      "does not answer",
      "is not a Twincast backend",
      "does not take streams from this page",
    ]) {
      expect(page).toContain(words);
      expect(guide).toContain(words);
    }
  });
});

describe("docs/phones.md", () => {
  const list = read("docs/phones.md");

  it("names tests that exist", () => {
    const tests = readAll("{e2e,frontend}/**/*.{spec,test}.ts");
    const titles = [...list.matchAll(/[^*]\*([a-z][^*]+)\*[^*]/g)].map(([, title = ""]) =>
      title.replaceAll("\n", " "),
    );
    expect(titles.length).toBeGreaterThan(10);
    for (const title of titles.filter((each) => each.split(" ").length > 3)) expect(tests).toContain(title);
  });

  it("names stories that exist", () => {
    const stories = readAll("frontend/components/**/*.stories.tsx");
    const names = [...list.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names)
      expect(stories).toMatch(new RegExp(`export const ${name}\\b|component: ${name}\\b`));
  });
});
