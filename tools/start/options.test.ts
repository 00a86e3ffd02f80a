import { describe, expect, it } from "vitest";
import { HELP, parseOptions } from "./options.ts";

describe("options of npm start", () => {
  it("are told in lines that fit a terminal of 80 columns", () => {
    for (const line of HELP.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("are none for a newcomer", () => {
    expect(parseOptions([], {})).toEqual({
      dev: false,
      help: false,
      qr: true,
      port: 3000,
      httpsPort: 3443,
      backendPort: undefined,
    });
  });

  it("win over the environment, which wins over the defaults", () => {
    const env = { PORT: "4000", HTTPS_PORT: "4443", BACKEND_PORT: "4800", NO_QR: "1" };
    expect(parseOptions(["--port", "5000"], env)).toMatchObject({
      qr: false,
      port: 5000,
      httpsPort: 4443,
      backendPort: 4800,
    });
  });

  it.each([["0"], ["65536"], ["80a"], ["-1"], ["1e3"]])(
    "refuse %s as a port, and say what a port is",
    (port) => {
      expect(() => parseOptions([`--port=${port}`], {})).toThrow(
        `--port wants a port from 1 to 65535, not "${port}".`,
      );
    },
  );

  it("refuse what they do not know, in one sentence", () => {
    expect(() => parseOptions(["--bogus"], {})).toThrow(
      `Unknown option '--bogus': "npm start -- --help" lists the options.`,
    );
  });

  it("refuse one port for two services", () => {
    expect(() => parseOptions(["--port", "3443"], {})).toThrow("Two services cannot share a port");
  });
});
