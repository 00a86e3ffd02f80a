"use client";

import { useEffect, useRef, useState } from "react";
import type { Source } from "twincast";
import { useSource } from "twincast/react";
import type { OpenRecording, PlaybackState, RecordingPlayer, RecordingsBrowser } from "twincast/watch";
import { RecordingList, RecordingView } from "@/components/Recordings";

/** What is recorded, below what is live: fetched where the backend keeps anything. */
export default function Recordings({ recordings }: { recordings: RecordingsBrowser }) {
  const list = useSource(recordings.list);
  const next = useSource(recordings.next);
  const trouble = useSource(recordings.trouble);
  const opened = useSource(recordings.opened);
  useEffect(() => void recordings.refresh(), [recordings]);
  return (
    <RecordingList
      recordings={list}
      trouble={trouble ?? undefined}
      openId={opened?.id ?? null}
      opened={opened && <Opened key={opened.id} recordings={recordings} recording={opened} />}
      hasMore={next !== null}
      onOpen={(id) => void recordings.open(id)}
      onMore={() => void recordings.more()}
      onRefresh={() => void recordings.refresh()}
    />
  );
}

type OpenedProps = { recordings: RecordingsBrowser; recording: OpenRecording };

function Opened({ recordings, recording }: OpenedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [player, setPlayer] = useState<RecordingPlayer | null>(null);
  useEffect(() => {
    let made: RecordingPlayer | null = null;
    let isGone = false;
    if (!canvas.current) return;
    void recordings.player(recording, canvas.current).then((created) => {
      if (isGone) return created.close();
      made = created;
      setPlayer(created);
      return created.load();
    });
    return () => {
      isGone = true;
      made?.close();
    };
  }, [recordings, recording]);
  const timeline = useSource(recording.timeline);
  const exporting = useSource(recording.exporting);
  const state = useSource(player?.state ?? LOADING);
  const positionMs = useSource(player?.positionMs ?? AT_THE_BEGINNING);
  return (
    <RecordingView
      state={state}
      positionMs={positionMs}
      durationMs={timeline.durationMs}
      marks={timeline.marks}
      files={timeline.files}
      exporting={exporting}
      picture={<canvas ref={canvas} width={640} height={480} role="img" aria-label="The recording" />}
      onPlay={() => player?.play()}
      onPause={() => player?.pause()}
      onSeek={(at) => player?.seek(at)}
      onExport={() => void recordings.export(recording)}
      onDownload={(file) => void recordings.download(recording, file)}
    />
  );
}

const still = <T,>(value: T): Source<T> => ({ get: () => value, subscribe: () => () => {} });
const LOADING = still<PlaybackState>({ kind: "loading" });
const AT_THE_BEGINNING = still(0);
