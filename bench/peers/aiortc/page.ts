/** A page that sends camera and microphone to the aiortc application. Runs in the page. */

/**
 * As in aiortc's documentation, and kinder: a connection that failed, or was without the other end for so long, is made
 * anew until that succeeds.
 */
export async function inPageConnect({
  offerUrl,
  patienceMs,
}: {
  offerUrl: string;
  patienceMs: number;
}): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const preview = document.querySelector("video");
  if (preview) preview.srcObject = stream;
  const RETRY_MS = 500;
  const ANSWER_MS = 2_000;

  const connect = async (): Promise<void> => {
    const peer = new RTCPeerConnection({ iceServers: [] });
    let again: ReturnType<typeof setTimeout> | undefined;
    const connectAgain = (afterMs: number) => {
      clearTimeout(again);
      again = setTimeout(() => {
        peer.onconnectionstatechange = null;
        peer.close();
        void connect();
      }, afterMs);
    };
    peer.onconnectionstatechange = () => {
      clearTimeout(again);
      if (peer.connectionState === "failed") connectAgain(0);
      if (peer.connectionState === "disconnected") connectAgain(patienceMs);
    };
    try {
      for (const track of stream.getTracks()) peer.addTrack(track, stream);
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise<void>((resolve) => {
        const look = () => peer.iceGatheringState === "complete" && resolve();
        peer.onicegatheringstatechange = look;
        look();
      });
      const response = await fetch(offerUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(peer.localDescription),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await peer.setRemoteDescription(await response.json());
    } catch {
      connectAgain(RETRY_MS);
    }
  };
  await connect();
}
