import { createSession } from "twincast";

const backend = new URLSearchParams(location.search).get("backend") ?? "http://localhost:8000";
const session = createSession({ backend });
const { phase, devices, video, audio } = session;
const { preview, state, act, leave } = Object.fromEntries(
  [...document.querySelectorAll("[id]")].map((element) => [element.id, element]),
) as { preview: HTMLVideoElement; state: HTMLElement; act: HTMLButtonElement; leave: HTMLButtonElement };

const NEXT = {
  permission: ["Allow camera and microphone", () => session.ask()],
  ready: ["Start", () => session.start()],
  starting: ["Stop", () => session.stop()],
  live: ["Stop", () => session.stop()],
  finishing: ["Give up the rest", () => session.discard()],
  ended: ["New session", () => session.again()],
} as const;

function show() {
  const { kind } = phase.get();
  [act.textContent, act.onclick] = NEXT[kind];
  state.textContent = `${kind}; video ${video.status.get().kind}, audio ${audio.status.get().kind}`;
  const picture = devices.media.get()?.preview ?? null;
  if (preview.srcObject !== picture) preview.srcObject = picture;
}

for (const source of [phase, devices.media, video.status, audio.status]) source.subscribe(show);
leave.onclick = () => session.dispose();
show();
