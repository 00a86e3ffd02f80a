import { expect, it, vi } from "vitest";
import { settle } from "../../testing/fake-clock";
import { watchPermissions } from "./permissions";

class FakeStatus extends EventTarget {
  state: PermissionState = "prompt";
  change(state: PermissionState): void {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}

/** Settings that a person changes. */
function settings() {
  const statuses = { camera: new FakeStatus(), microphone: new FakeStatus() };
  const query = async ({ name }: { name: string }) =>
    statuses[name as keyof typeof statuses] as unknown as PermissionStatus;
  return { statuses, permissions: { query } as Pick<Permissions, "query"> };
}

it("tells what is allowed at once, and whenever it is changed", async () => {
  const { statuses, permissions } = settings();
  const onChange = vi.fn();
  const leave = watchPermissions(onChange, permissions);
  await settle();
  statuses.camera.change("granted");
  leave();
  statuses.camera.change("denied");
  expect(onChange.mock.calls).toEqual([
    [{ camera: "prompt", microphone: "prompt" }, null],
    [{ camera: "granted", microphone: "prompt" }, "camera"],
  ]);
});

it.each([
  ["has no such API", undefined],
  ["does not know these names", { query: () => Promise.reject(new TypeError("'camera'")) }],
  [
    "throws at once",
    {
      query: () => {
        throw new TypeError("'camera'");
      },
    },
  ],
])("tells nothing where the browser %s", async (_what, permissions) => {
  const onChange = vi.fn();
  watchPermissions(onChange, permissions);
  await settle();
  expect(onChange).not.toHaveBeenCalled();
});
