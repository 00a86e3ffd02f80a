import type { Device } from "../../model/device";

/** What the browser's settings say of each device; nothing of those that it does not tell about. */
export type PermissionStates = Partial<Record<Device, PermissionState>>;

const DEVICES = ["camera", "microphone"] as const;

/**
 * Tells what the browser would answer for camera and microphone: once when it is known, and whenever a person changes
 * it in the page menu. Never where the engine cannot be asked.
 *
 * @returns a function that ends the telling.
 */
export function watchPermissions(
  onChange: (states: PermissionStates, changed: Device | null) => void,
  permissions = navigator.permissions as Pick<Permissions, "query"> | undefined,
): () => void {
  const ended = new AbortController();
  const states: PermissionStates = {};
  const watch = async (name: Device): Promise<PermissionStatus | null> => {
    try {
      const status = await permissions?.query({ name });
      if (!status) return null;
      states[name] = status.state;
      const onStatus = () => {
        states[name] = status.state;
        onChange({ ...states }, name);
      };
      status.addEventListener("change", onStatus, { signal: ended.signal });
      return status;
    } catch {
      // Before Firefox 132 a query for "camera" throws.
      return null;
    }
  };
  // Held, because a status that was collected fires no events.
  const watched: (PermissionStatus | null)[] = [];
  void Promise.all(DEVICES.map(watch)).then((statuses) => {
    watched.push(...statuses);
    if (!ended.signal.aborted && statuses.some((status) => status)) onChange({ ...states }, null);
  });
  return () => {
    ended.abort();
    watched.length = 0;
  };
}
