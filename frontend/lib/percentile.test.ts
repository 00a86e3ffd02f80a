import { expect, it } from "vitest";
import { percentile } from "./percentile";

const upTo = (n: number) => Array.from({ length: n }, (_, index) => n - index);

// The backend's test has the same table.
it.each([
  { samples: [7], share: 0.5, is: 7 },
  { samples: [7], share: 0.95, is: 7 },
  { samples: [1000, 10], share: 0.5, is: 10 },
  { samples: [1000, 10], share: 0.95, is: 1000 },
  { samples: [3, 1, 2], share: 0.5, is: 2 },
  { samples: upTo(20), share: 0.5, is: 10 },
  { samples: upTo(20), share: 0.95, is: 19 },
  { samples: upTo(100), share: 0.95, is: 95 },
  { samples: upTo(101), share: 0.95, is: 96 },
])(
  "takes the nearest rank at $share of $samples.length samples, whatever their order",
  ({ samples, share, is }) => {
    expect(percentile(samples, share)).toBe(is);
  },
);

it("says nothing of no samples", () => {
  expect(percentile([], 0.5)).toBeUndefined();
});
