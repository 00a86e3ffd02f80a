/**
 * Firefox has one fake camera. A second one, which looks at the person, is drawn. Runs in the page, so it uses nothing
 * from outside itself.
 */
export function withSecondCamera(): void {
  const { prototype } = MediaDevices;
  const { getUserMedia, enumerateDevices } = prototype;
  const deviceId = "second";
  const [width, height, frameRate] = [1280, 720, 30];

  const isExactly = (constraint: ConstrainDOMString | undefined, value: string) =>
    typeof constraint === "object" && "exact" in constraint && constraint.exact === value;

  const draw = (): MediaStream => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    let drawn = 0;
    const timer = setInterval(() => {
      if (!context) return;
      context.fillStyle = `hsl(${(drawn++ * 7) % 360} 80% 50%)`;
      context.fillRect(0, 0, width, height);
    }, 1_000 / frameRate);
    const stream = canvas.captureStream(frameRate);
    for (const track of stream.getVideoTracks()) {
      const settings = track.getSettings();
      const stop = track.stop.bind(track);
      track.getSettings = () => ({ ...settings, deviceId, facingMode: "user", width, height });
      track.stop = () => {
        clearInterval(timer);
        stop();
      };
    }
    return stream;
  };

  prototype.enumerateDevices = async function () {
    const devices = await enumerateDevices.call(this);
    const label = devices.some((device) => device.label) ? "Second camera (front)" : "";
    return [...devices, { kind: "videoinput", deviceId, groupId: deviceId, label } as MediaDeviceInfo];
  };
  prototype.getUserMedia = async function (constraints) {
    const wanted = typeof constraints?.video === "object" ? constraints.video : {};
    const isSecond = isExactly(wanted.deviceId, deviceId) || isExactly(wanted.facingMode, "user");
    return isSecond ? draw() : getUserMedia.call(this, constraints);
  };
}
