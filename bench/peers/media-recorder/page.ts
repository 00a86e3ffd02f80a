/** A page that sends what its MediaRecorder makes through one WebSocket. Runs in the page. */

/** As in many first examples, and kinder: after a close it connects again, with a recording that decodes alone. */
export async function inPageRecord(options: {
  url: string;
  mimeType: string;
  everyMs: number;
}): Promise<void> {
  const { url, mimeType, everyMs } = options;
  const RETRY_MS = 1_000;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const preview = document.querySelector("video");
  if (preview) preview.srcObject = stream;
  const connect = () => {
    const socket = new WebSocket(url);
    const recorder = new MediaRecorder(stream, { mimeType });
    recorder.ondataavailable = ({ data }) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    };
    socket.onopen = () => recorder.start(everyMs);
    socket.onclose = () => {
      if (recorder.state !== "inactive") recorder.stop();
      setTimeout(connect, RETRY_MS);
    };
  };
  connect();
}
