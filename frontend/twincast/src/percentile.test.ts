import { expect, it } from "vitest";
import { percentile } from "./percentile";

const upTo = (n: number) => Array.from({ length: n }, (_, index) => n - index);

// The rows of the backend's table (tests/test_meters.py).
it.each([
  { samples: [7], share: 0.5, is: 7 },
  { samples: [7], share: 0.95, is: 7 },
  { samples: [2, 1], share: 0.5, is: 1 },
  { samples: [2, 1], share: 0.95, is: 2 },
  { samples: [30, 10, 20], share: 0.5, is: 20 },
  { samples: [4, 3, 2, 1], share: 0.5, is: 2 },
  { samples: [5, 4, 3, 2, 1], share: 0.5, is: 3 },
  { samples: upTo(19), share: 0.95, is: 19 },
  { samples: upTo(20), share: 0.95, is: 19 },
  { samples: upTo(21), share: 0.95, is: 20 },
  { samples: upTo(100), share: 0.5, is: 50 },
  { samples: upTo(100), share: 0.95, is: 95 },
  { samples: upTo(100), share: 0.99, is: 99 },
  { samples: upTo(100), share: 1, is: 100 },
])(
  "takes the nearest rank at $share of $samples.length samples, whatever their order",
  ({ samples, share, is }) => {
    expect(percentile(samples, share)).toBe(is);
  },
);

it("says nothing of no samples", () => {
  expect(percentile([], 0.5)).toBeUndefined();
});
