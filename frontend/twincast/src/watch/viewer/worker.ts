/** The worker of one watched phone: its sockets, its decoders and its canvas live here, away from the page. */
import { systemClock } from "../../clock";
import type { ViewerCommand, ViewerEvent } from "./commands";
import { PhoneViewer } from "./phone-viewer";
import { openBrowserWatchSocket } from "./watch-socket";

const port = self as unknown as {
  onmessage: ((event: MessageEvent<ViewerCommand>) => void) | null;
  postMessage(event: ViewerEvent): void;
};

let viewer: PhoneViewer | null = null;
port.onmessage = ({ data: command }) => {
  if (command.kind !== "watch") {
    viewer?.handle(command);
    return;
  }
  systemClock.follow(command.clock);
  viewer = new PhoneViewer(command, {
    clock: systemClock,
    openSocket: openBrowserWatchSocket,
    random: Math.random,
    createVideoDecoder: (init) => new VideoDecoder(init),
    createAudioDecoder: (init) => new AudioDecoder(init),
    post: (event) => port.postMessage(event),
  });
};
