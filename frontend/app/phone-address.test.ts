import { describe, expect, it } from "vitest";
import { PHONE } from "@/components/mocks/phone";
import { phoneAddress } from "./phone-address";

const visit = (pageOrigin: string, platform = "desktop-chrome" as const) => ({
  platform,
  pageOrigin,
  backendHost: "backend.example.com",
});

describe("the way from a computer to the phone", () => {
  it("is the page's own address where a phone can use it", () => {
    expect(phoneAddress(visit("https://twincast.example.com"), undefined)).toEqual(PHONE);
  });

  it("is the address that the server knows better", () => {
    const address = phoneAddress(visit("http://localhost:3000"), "https://192.168.1.20:3443");
    expect(address?.url).toBe("https://192.168.1.20:3443");
  });

  it.each([
    "http://localhost:3000",
    "https://localhost:3443",
    "https://127.0.0.1:3443",
    "http://twincast.example.com",
  ])("is none where a phone would find nothing, or no camera: %s", (pageOrigin) =>
    expect(phoneAddress(visit(pageOrigin), undefined)).toBeNull(),
  );

  it("is none on the phone itself", () => {
    const onPhone = { ...visit("https://twincast.example.com"), platform: "ios-safari" as const };
    expect(phoneAddress(onPhone, undefined)).toBeNull();
  });
});
