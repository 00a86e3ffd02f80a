"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import { useSource } from "twincast/react";
import {
  type BrowserWatch,
  connectWatchWindow,
  createBrowserWatch,
  type WatchedPhone,
  type WatchSession,
} from "twincast/watch";
import { WatchScreen, WatchTile } from "@/components/Watch";

const Recordings = lazy(() => import("./Recordings"));

/** @param backendUrl the backend's address, or "" for the page's own origin. */
export function WatchPage({ backendUrl }: { backendUrl: string }) {
  const [watch, setWatch] = useState<BrowserWatch | null>(null);
  useEffect(() => {
    const created = createBrowserWatch(backendUrl);
    setWatch(created);
    return connectWatchWindow(created.live);
  }, [backendUrl]);
  return watch && <Watching watch={watch} />;
}

function Watching({ watch: { live, recordings } }: { watch: BrowserWatch }) {
  const access = useSource(live.access);
  const phones = useSource(live.phones);
  const large = useSource(live.large);
  const hasRecordings = useSource(live.hasRecordings);
  return (
    <WatchScreen
      access={access}
      hasLargeTile={large !== null}
      pageOrigin={location.origin}
      onGive={(secret) => live.give(secret)}
      onRetry={() => live.retry()}
      tiles={phones.map((phone) => <Tile key={phone.watchId} watch={live} phone={phone} />)}
      recordings={
        hasRecordings &&
        access.kind === "open" && (
          <Suspense>
            <Recordings recordings={recordings} />
          </Suspense>
        )
      }
    />
  );
}

function Tile({ watch, phone }: { watch: WatchSession; phone: WatchedPhone }) {
  const streams = useSource(phone.streams);
  const generation = useSource(phone.generation);
  const heard = useSource(watch.heard);
  const large = useSource(watch.large);
  const { watchId, name } = phone;
  return (
    <WatchTile
      name={name}
      streams={streams}
      size={large === null ? "in-grid" : large === watchId ? "large" : "small"}
      isHeard={heard === watchId}
      onHear={(hears) => void watch.hear(hears ? watchId : null)}
      onEnlarge={(enlarges) => watch.enlarge(enlarges ? watchId : null)}
      picture={<Picture key={generation} phone={phone} />}
    />
  );
}

function Picture({ phone }: { phone: WatchedPhone }) {
  return (
    <canvas
      width={640}
      height={480}
      role="img"
      aria-label={`What ${phone.name} sees`}
      // A canvas is handed over once, to a worker that keeps it.
      ref={(canvas) => {
        if (canvas) phone.show(canvas);
      }}
    />
  );
}
