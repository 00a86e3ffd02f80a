import type { Session } from "twincast";
import { useSession, useSource } from "twincast/react";

/** Camera and microphone, streamed for as long as it is mounted. */
export function Camera({ backend }: { backend: string }) {
  const session = useSession({ backend });
  return session && <Streaming session={session} />;
}

function Streaming({ session }: { session: Session }) {
  const { kind } = useSource(session.phase);
  const media = useSource(session.devices.media);
  const statuses = [useSource(session.video.status).kind, useSource(session.audio.status).kind];
  const show = (video: HTMLVideoElement | null) => {
    if (video && video.srcObject !== media?.preview) video.srcObject = media?.preview ?? null;
  };
  return (
    <>
      <video ref={show} autoPlay muted playsInline />
      <p role="status">{`${kind}; video ${statuses[0]}, audio ${statuses[1]}`}</p>
      {kind === "permission" && <Button name="Allow camera and microphone" act={() => session.ask()} />}
      {kind === "ready" && <Button name="Start" act={() => session.start()} />}
      {(kind === "starting" || kind === "live") && <Button name="Stop" act={() => session.stop()} />}
      {kind === "finishing" && <Button name="Give up the rest" act={() => session.discard()} />}
      {kind === "ended" && <Button name="New session" act={() => session.again()} />}
    </>
  );
}

function Button({ name, act }: { name: string; act: () => void }) {
  return (
    <button type="button" onClick={act}>
      {name}
    </button>
  );
}
