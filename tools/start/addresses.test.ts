import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { lanAddresses, localName, servedOrigins } from "./addresses.ts";

const ipv4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: "255.255.255.0",
  family: "IPv4",
  mac: "00:00:00:00:00:00",
  internal,
  cidr: null,
});

describe("the address for the phone", () => {
  it("is the Wi-Fi's before the cable's, and containers come last", () => {
    expect(
      lanAddresses({
        lo: [ipv4("127.0.0.1", true)],
        docker0: [ipv4("172.17.0.1")],
        "br-3fa1": [ipv4("192.168.80.1")],
        eth0: [ipv4("10.1.2.3")],
        wlan0: [ipv4("192.168.1.20")],
      }),
    ).toEqual(["192.168.1.20", "10.1.2.3", "192.168.80.1", "172.17.0.1"]);
  });

  it("is the home network's where two cards have one", () => {
    expect(lanAddresses({ en0: [ipv4("100.64.3.4")], en1: [ipv4("192.168.0.7")] })).toEqual([
      "192.168.0.7",
      "100.64.3.4",
    ]);
  });

  it("is none without a network: neither loopback nor an address that the computer gave itself", () => {
    expect(lanAddresses({ lo: [ipv4("127.0.0.1", true)], en0: [ipv4("169.254.7.7")] })).toEqual([]);
  });
});

describe("the computer's name on the network", () => {
  it.each([
    ["My-Laptop", "my-laptop.local"],
    ["my-laptop.local", "my-laptop.local"],
    ["host.example.org", "host.local"],
    ["localhost", undefined],
    ["my_laptop", undefined],
    ["", undefined],
  ])("of %s is %s", (hostname, name) => {
    expect(localName(hostname)).toBe(name);
  });
});

it("lists the origins exactly as browsers send them", () => {
  expect(servedOrigins({ port: 3000, httpsPort: 443, names: ["localhost", "192.168.1.20"] })).toEqual([
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "https://localhost",
    "https://192.168.1.20",
  ]);
});
