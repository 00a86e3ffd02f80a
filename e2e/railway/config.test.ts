import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../tools/paths.ts";
import {
  readFleetConfig,
  readGithubConfig,
  readLegacyConfig,
  readRailwayConfig,
  resolveVariables,
  startCommandOf,
} from "./config.ts";

const config = await readRailwayConfig();
const services = [config.backend, config.frontend];

describe(".railway/railway.ts", () => {
  it("describes the two services and nothing else", () => {
    expect(config.names).toEqual(["backend", "frontend"]);
    expect(services.map(({ folder }) => folder)).toEqual(["backend", "frontend"]);
  });

  it.each(services)(
    "builds $name with Railpack when something in its folder changes",
    ({ build, folder }) => {
      expect(build).toEqual({ builder: "RAILPACK", watchPatterns: [`/${folder}/**`] });
    },
  );

  it.each(services)("runs one instance of $name and gives it time to drain", ({ deploy }) => {
    expect(deploy.numReplicas).toBe(1);
    expect(deploy.drainingSeconds).toBeGreaterThanOrEqual(10);
    expect(deploy.healthcheckPath).toMatch(/^\//);
  });

  it("takes the same folders from GitHub when a repository is named", () => {
    for (const [index, node] of readGithubConfig("someone/twincast").entries()) {
      expect(node.source).toMatchObject({
        type: "github",
        repo: "someone/twincast",
        branch: "main",
        rootDirectory: `/${services[index]?.folder}`,
      });
      expect(node.deploy).toEqual(services[index]?.deploy);
    }
  });

  it("describes, where there are several backends, the engine between them and the consumer behind it", () => {
    const fleet = readFleetConfig(2);
    expect(fleet.names).toEqual(["backend", "frontend", "redis", "consumer"]);
    expect(fleet.backend.deploy).toEqual({ ...config.backend.deploy, numReplicas: 2 });
    expect(fleet.frontend).toEqual(config.frontend);
    const { folder, build, deploy } = fleet.consumer;
    expect([folder, build]).toEqual(["backend", fleet.backend.build]);
    expect(deploy).toMatchObject({ startCommand: "exec python -m twincast.consume", numReplicas: 1 });
    expect(deploy.healthcheckPath, "no HTTP, no health check").toBeUndefined();
    const provided = {
      redis: { REDIS_URL: "redis://default:secret@redis.railway.internal:6379" },
      frontend: { RAILWAY_PUBLIC_DOMAIN: "f.up.railway.app" },
    };
    for (const each of [fleet.backend, fleet.consumer]) {
      expect(resolveVariables(each.variables, provided).LOG_URL).toBe(provided.redis.REDIS_URL);
    }
  });

  it("connects the two by their public domains", () => {
    const provided = {
      backend: { RAILWAY_PUBLIC_DOMAIN: "b.up.railway.app" },
      frontend: { RAILWAY_PUBLIC_DOMAIN: "f.up.railway.app" },
    };
    expect(resolveVariables(config.backend.variables, provided)).toMatchObject({
      ALLOWED_ORIGINS: "https://f.up.railway.app",
    });
    expect(resolveVariables(config.frontend.variables, provided)).toMatchObject({
      BACKEND_URL: "https://b.up.railway.app",
    });
  });

  it("says which reference leads nowhere", () => {
    const reference = `\${{api.RAILWAY_PUBLIC_DOMAIN}}`;
    expect(() => resolveVariables({ BACKEND_URL: `https://${reference}` }, {})).toThrow(
      `BACKEND_URL refers to ${reference}`,
    );
  });
});

describe.each(services)("$name", ({ folder, build, deploy, variables }) => {
  it("starts by its Procfile as by .railway/railway.ts", () => {
    expect(startCommandOf(readFileSync(join(root, folder, "Procfile"), "utf8"))).toBe(deploy.startCommand);
  });

  it("says the same in railway.json, for a service that is old enough to read it", () => {
    expect(readLegacyConfig(folder)).toEqual({
      $schema: "https://railway.com/railway.schema.json",
      build,
      deploy,
    });
  });

  it("has no Dockerfile, which Railway would build with instead of Railpack", () => {
    expect(readdirSync(join(root, folder)).filter((name) => /^dockerfile/i.test(name))).toEqual([]);
    expect(existsSync(join(root, folder, "railpack.json"))).toBe(false);
  });

  it("explains each of its variables in .env.example", () => {
    const explained = readFileSync(join(root, folder, ".env.example"), "utf8");
    for (const name of Object.keys(variables)) {
      // RAILPACK_ variables are for the builder, and no process of ours reads them.
      if (!name.startsWith("RAILPACK_")) expect(explained).toMatch(new RegExp(`^#?${name}=`, "m"));
    }
  });
});

describe("the railway.json that both services inherit", () => {
  it("says nothing that is right for one of them only", () => {
    expect(readLegacyConfig("")).toEqual({
      $schema: "https://railway.com/railway.schema.json",
      build: { builder: "RAILPACK" },
    });
  });
});

describe("a Procfile", () => {
  it.each([
    ["web: exec python main.py\n", "exec python main.py"],
    ["worker: b\nweb: a\n", "a"],
    ["release: c\nworker: b\n", "b"],
    ["", undefined],
  ])("%j starts %j", (text, command) => expect(startCommandOf(text)).toBe(command));
});
