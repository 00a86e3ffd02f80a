import { streamOf } from "./own-tracks";

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const canvas = byId<HTMLCanvasElement>("canvas");
const brush = canvas.getContext("2d");

function draw(atMs: number) {
  if (brush) brush.fillStyle = `hsl(${atMs / 20} 80% 50%)`;
  brush?.fillRect(0, 0, canvas.width, canvas.height);
  requestAnimationFrame(draw);
}
requestAnimationFrame(draw);

byId("start").onclick = async () => {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const sound = audio.createMediaStreamDestination();
  tone.connect(sound);
  tone.start();
  const [track] = sound.stream.getAudioTracks();
  const backend = new URLSearchParams(location.search).get("backend") ?? "http://localhost:8000";
  if (!track) return;
  const session = streamOf(canvas, track, backend);
  const show = () => {
    const { phase, video, audio } = session;
    byId("state").textContent =
      `${phase.get().kind}; video ${video.status.get().kind}, audio ${audio.status.get().kind}, own sound ${track.readyState}`;
  };
  for (const source of [session.phase, session.video.status, session.audio.status]) source.subscribe(show);
  byId("stop").onclick = () => session.stop();
  byId("leave").onclick = () => session.dispose();
  await session.ask();
  await session.start();
};
