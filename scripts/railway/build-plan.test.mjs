import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { root } from "../setup/paths.mjs";
import { planByRules, readRailpackPlan } from "./build-plan.mjs";
import { readRailwayConfig } from "./config.mjs";

const { backend, frontend } = await readRailwayConfig();

/** @param {string} service */
const recorded = (service) =>
  readRailpackPlan(readFileSync(join(import.meta.dirname, "railpack-plans", `${service}.json`), "utf8"));

/** @param {Record<string, string>} files */
function folderWith(files) {
  const folder = mkdtempSync(join(tmpdir(), "twincast-plan-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe.each([backend, frontend])("the plan of $name", ({ name, folder, variables, deploy }) => {
  const plan = planByRules(join(root, folder), variables);

  it("is the one that Railpack itself made of the same folder", () => {
    const { version, ...railpack } = recorded(name);
    expect(plan).toMatchObject(railpack);
    expect(`${version}.`).toContain(`${plan.version}.`);
  });

  it("starts what .railway/railway.ts starts", () => {
    expect(plan.start.command).toBe(deploy.startCommand);
  });
});

describe("Railpack's rules", () => {
  it("install the frontend from its lock file, and Railpack's default would not", () => {
    expect(planByRules(join(root, "frontend"), frontend.variables).install.commands).toContain("npm ci");
    expect(planByRules(join(root, "frontend"), {}).install.commands).toContain("npm install");
  });

  it("take Python before Node", () => {
    const folder = folderWith({ "requirements.txt": "", "package.json": "{}", Procfile: "web: a" });
    expect(planByRules(folder, {})).toMatchObject({ language: "python", version: "3.13" });
  });

  it("refuse what they do not cover, rather than build it otherwise than Railway would", () => {
    const files = { "package.json": "{}", Procfile: "web: a" };
    expect(() => planByRules(folderWith({ ...files, Dockerfile: "" }), {})).toThrow("Dockerfile");
    expect(() => planByRules(folderWith({ ...files, "yarn.lock": "" }), {})).toThrow("yarn.lock");
    expect(() => planByRules(folderWith({ "package.json": "{}" }), {})).toThrow("Procfile");
    expect(() => planByRules(folderWith({ Procfile: "web: a" }), {})).toThrow("no language");
  });
});
