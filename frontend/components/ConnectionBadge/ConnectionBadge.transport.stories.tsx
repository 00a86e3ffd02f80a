import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { ws } from "msw/ws";
import { useEffect, useEffectEvent, useState } from "react";
import { expect, waitFor } from "storybook/test";
import type { StreamStatus } from "twincast";
import {
  DEFAULT_LIMITS,
  FakeBackend,
  openBrowserSocket,
  type Peer,
  Store,
  StreamSender,
  streamStatus,
  systemClock,
} from "twincast/testing";
import { ConnectionBadge } from "./ConnectionBadge";

const ADDRESS = "wss://backend.test/ws/video";
const CHUNK_MS = 100;

/** A stream of made-up chunks on its real way: outbox, socket, retries. Only the backend is played. */
function StreamOnItsWay({ recordForMs }: { recordForMs: number | null }) {
  const [status] = useState(() => new Store<StreamStatus>({ kind: "idle" }));
  const [seen, setSeen] = useState<StreamStatus["kind"][]>([]);
  const show = useEffectEvent((next: StreamStatus) => {
    status.set(next);
    setSeen((before) => (before.at(-1) === next.kind ? before : [...before, next.kind]));
  });
  useEffect(() => {
    const sender = new StreamSender({
      url: ADDRESS,
      session: crypto.randomUUID(),
      openSocket: openBrowserSocket,
      clock: systemClock,
      random: Math.random,
      limits: DEFAULT_LIMITS.video,
      onSegmentWanted: () => openSegment(),
      onGap: () => {},
      onStatus: (next) => show(streamStatus(next)),
    });
    const openSegment = () => sender.openSegment({ mimeType: "video/webm", startedAt: systemClock.now() });
    openSegment();
    sender.start();
    const startedAt = systemClock.now();
    const timer = setInterval(() => {
      const capturedTo = systemClock.now();
      if (recordForMs !== null && capturedTo - startedAt > recordForMs) {
        clearInterval(timer);
        return sender.finish();
      }
      const payload = new Uint8Array(2_000);
      sender.push({ payload, capturedFrom: capturedTo - CHUNK_MS, capturedTo, keyFrame: false });
    }, CHUNK_MS);
    return () => {
      clearInterval(timer);
      sender.abandon();
    };
  }, [recordForMs]);
  return (
    <div data-seen={seen.join(" ")}>
      <ConnectionBadge stream="video" status={status} />
    </div>
  );
}

const backendLink = ws.link(ADDRESS);

/** What the played backend does with its n-th connection, counted from 1. */
type Script = (nth: number, peer: Peer, backend: FakeBackend) => void;

function playedBy(script: Script = () => {}, prepare: (backend: FakeBackend) => void = () => {}) {
  const backend = new FakeBackend(systemClock.now);
  prepare(backend);
  let connections = 0;
  return [
    backendLink.addEventListener("connection", ({ client }) => {
      const peer: Peer = {
        send: (message) => client.send(JSON.stringify(message)),
        // MSW lets a close overtake the message before it, which no network does.
        close: (closeCode) => setTimeout(() => client.close(closeCode), 50),
      };
      const connection = backend.connect(peer);
      client.addEventListener("message", ({ data }) => {
        if (typeof data === "string") connection.text(data);
        else if (data instanceof ArrayBuffer) connection.binary(new Uint8Array(data));
        else if (ArrayBuffer.isView(data)) {
          connection.binary(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        }
      });
      connections++;
      script(connections, peer, backend);
    }),
  ];
}

const state = (canvas: { getByRole(role: string): HTMLElement }) =>
  canvas.getByRole("group").getAttribute("data-state");
/** Every state that the badge showed, in order. */
const seen = (canvas: { getByRole(role: string): HTMLElement }) =>
  canvas.getByRole("group").closest("[data-seen]")?.getAttribute("data-seen");

/**
 * The badge on the real transport: its sockets are answered by a backend that is played with MSW and keeps the rules
 * of the wire.
 */
const meta = {
  title: "Components/Connection badge (ConnectionBadge)/On the real transport",
  component: StreamOnItsWay,
  args: { recordForMs: null },
  // Real clocks: no two pictures of them are alike.
  parameters: { layout: "centered", pictures: [] },
} satisfies Meta<typeof StreamOnItsWay>;
export default meta;
type Story = StoryObj<typeof meta>;

export const ConnectsAndIsAcknowledged: Story = {
  parameters: { msw: playedBy() },
  play: async ({ canvas }) => {
    await waitFor(() => expect(state(canvas)).toBe("live"), { timeout: 5_000 });
  },
};

export const CutAndResumed: Story = {
  parameters: {
    msw: playedBy((nth, peer) => {
      if (nth === 1) setTimeout(() => peer.close(1012), 800);
    }),
  },
  play: async ({ canvas }) => {
    await waitFor(() => expect(seen(canvas)).toMatch(/live reconnecting live/), { timeout: 8_000 });
  },
};

export const FallsBehindWhileAcksAreMissing: Story = {
  parameters: {
    msw: playedBy(undefined, (backend) => {
      backend.stuck = true;
    }),
  },
  play: async ({ canvas }) => {
    await waitFor(() => expect(state(canvas)).toBe("behind"), { timeout: 6_000 });
  },
};

export const EndsVerified: Story = {
  args: { recordForMs: 1_000 },
  parameters: { msw: playedBy() },
  play: async ({ canvas }) => {
    await waitFor(() => expect(canvas.getByRole("group")).toHaveTextContent("All received"), {
      timeout: 6_000,
    });
  },
};

/** The codes that a client does not retry after; the badge says what the backend said. */
const refused = (closeCode: number, code: string, message: string): Story => ({
  parameters: {
    msw: playedBy((_nth, peer) => {
      setTimeout(() => {
        peer.send({ type: "error", code, message });
        peer.close(closeCode);
      }, 300);
    }),
  },
  play: async ({ canvas }) => {
    await waitFor(() => expect(state(canvas)).toBe("failed"), { timeout: 5_000 });
    await expect(canvas.getByRole("group")).toHaveAttribute("title", message);
  },
});

export const RefusedForABadMessage = refused(4400, "bad-message", "A chunk came before hello.");
export const RefusedWithoutAToken = refused(4401, "unauthorised", "The token is missing or has expired.");
export const RefusedForItsOrigin = refused(4403, "wrong-origin", "This origin is not on the allow-list.");
export const RefusedForItsSubprotocol = refused(4406, "bad-subprotocol", "twincast.v1 was not offered.");
export const Displaced = refused(4409, "displaced", "A newer connection carries this stream.");
export const AlreadyEnded = refused(4410, "already-ended", "The stream has ended.");
export const RefusedByASink = refused(4500, "sink-failed", "The sink refused the stream.");

/** A refused chunk is no reason to stop: it becomes a gap, and the stream goes on. */
export const ChunkRefusedForItsSize: Story = {
  args: { recordForMs: 2_000 },
  parameters: {
    msw: playedBy(undefined, (backend) => {
      backend.refuse.set(5, 4413);
    }),
  },
  play: async ({ canvas }) => {
    await waitFor(() => expect(canvas.getByRole("group")).toHaveTextContent("1 gap"), { timeout: 8_000 });
  },
};

/** Close codes that are worth a retry: the badge comes back by itself. */
const retried = (closeCode: number): Story => ({
  parameters: {
    msw: playedBy((nth, peer) => {
      if (nth === 1) setTimeout(() => peer.close(closeCode), 500);
    }),
  },
  play: async ({ canvas }) => {
    await waitFor(() => expect(seen(canvas)).toMatch(/live reconnecting live/), { timeout: 8_000 });
  },
});

export const RetriesAfterTooFast = retried(4429);
export const RetriesAfterIdle = retried(4440);
export const RetriesAfterTooMany = retried(4503);
export const RetriesAfterHelloTimeout = retried(4408);
