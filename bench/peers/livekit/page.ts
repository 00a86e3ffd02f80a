/** A page that publishes camera and microphone to a LiveKit room. Runs in the page. */

/** The little of livekit-client that is used; it comes as a script of its own. */
interface LiveKitClient {
  readonly Room: new (
    options: object,
  ) => {
    connect(url: string, token: string, options: object): Promise<void>;
    readonly localParticipant: {
      publishTrack(track: MediaStreamTrack, options: object): Promise<unknown>;
    };
  };
  readonly Track: { readonly Source: { readonly Camera: string; readonly Microphone: string } };
}

/** One layer of video: there is one subscriber. Everything else is as the library has it, its reconnecting too. */
export async function inPagePublish({ url, token }: { url: string; token: string }): Promise<void> {
  const { Room, Track } = (window as unknown as { LivekitClient: LiveKitClient }).LivekitClient;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const preview = document.querySelector("video");
  if (preview) preview.srcObject = stream;
  const room = new Room({});
  // An empty list: the default names public STUN servers.
  await room.connect(url, token, { rtcConfig: { iceServers: [] } });
  for (const track of stream.getTracks()) {
    const source = track.kind === "video" ? Track.Source.Camera : Track.Source.Microphone;
    await room.localParticipant.publishTrack(track, { source, simulcast: false });
  }
}
