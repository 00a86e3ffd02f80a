import type { DeviceChoices } from "../../model/device";

/**
 * Tells which cameras and microphones there are, now and whenever that changes (a headset is plugged in).
 *
 * @returns a function that ends the telling.
 */
export function watchDevices(
  onChange: (choices: DeviceChoices) => void,
  mediaDevices: Pick<
    MediaDevices,
    "enumerateDevices" | "addEventListener" | "removeEventListener"
  > = navigator.mediaDevices,
): () => void {
  let isOver = false;
  let newest = 0;
  const tell = async () => {
    const own = ++newest;
    const devices = await mediaDevices.enumerateDevices().catch(() => []);
    // A list that was asked for earlier and comes later is of a time before the change.
    if (!isOver && own === newest) onChange(choicesIn(devices));
  };
  const onDeviceChange = () => void tell();
  mediaDevices.addEventListener("devicechange", onDeviceChange);
  void tell();
  return () => {
    isOver = true;
    mediaDevices.removeEventListener("devicechange", onDeviceChange);
  };
}

/** Leaves out the anonymous entries that browsers give before the permission. Pure. */
export function choicesIn(
  devices: readonly Pick<MediaDeviceInfo, "kind" | "deviceId" | "label">[],
): DeviceChoices {
  const of = (kind: MediaDeviceKind) =>
    devices
      // Chromium lists its default devices twice: once as themselves, once under these names.
      .filter(
        (device) => device.kind === kind && !["", "default", "communications"].includes(device.deviceId),
      )
      .map(({ deviceId, label }) => ({ deviceId, label }));
  return { cameras: of("videoinput"), microphones: of("audioinput") };
}
