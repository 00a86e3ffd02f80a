/**
 * Single changes, each of which breaks one promise of the library.
 */

export interface Mutation {
  /** Below `frontend/twincast/src`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly before: string;
  readonly after: string;
  /** What is not so any more. */
  readonly promise: string;
}

/** Of one file. */
function of(file: string, ...changes: [promise: string, before: string, after: string][]): Mutation[] {
  return changes.map(([promise, before, after]) => ({ file, promise, before, after }));
}

export const MUTATIONS: readonly Mutation[] = [
  ...of(
    "transport/connection.ts",
    [
      "a message of a replaced socket changes nothing",
      "current && this.#receive(data)",
      "this.#receive(data)",
    ],
    [
      "a replaced socket that opens late changes nothing",
      "current && this.#greet(connection)",
      "this.#greet(connection)",
    ],
    ["a replaced socket that closes late changes nothing", "if (!current) return;", ""],
    ["a page that slept does not take its path for dead", "if (slept) this.#receivedAt = now;", ""],
    ["a path that swallows all is waited for longer each time", "this.#unansweredInARow++;", ""],
    [
      "an offline phone gives its socket up",
      '      case "offline":\n        this.#abandon();',
      '      case "offline":',
    ],
    [
      "a closed stream retries no more",
      '    this.#cancelTimer();\n    if (this.#state.kind === "open")',
      '    if (this.#state.kind === "open")',
    ],
  ),
  ...of(
    "transport/stream-sender.ts",
    ["`end` is sent again on a new connection", "    this.#endSentAt = null;\n", ""],
    ["a dead path is found while `ended` is awaited", " ?? this.#endSentAt", ""],
    [
      "another process begins another run of hashes",
      "      this.#ledger.breakRange();\n      if",
      "      if",
    ],
    ["what was in flight goes out again after a cut", "    this.#outbox.rewind();\n", ""],
    ["segments are announced again on a new connection", "    this.#announced = null;\n", ""],
    [
      "a muted stream is muted again after a cut",
      'if (this.#muted) this.#connection.send({ type: "muted", muted: true });',
      "",
    ],
    [
      "what a lost worker delivered is no gap",
      "this.#outbox.settleLost(nextSeq, arrivedTo)",
      "{ from: 0, by: 0 }",
    ],
    [
      "what a lost worker delivered is no difference",
      "    this.#ledger.arrivedUnhashed(arrived, continues.lastRangeIsOpen);\n",
      "",
    ],
    [
      "a second lost worker's range goes on where the first one's did",
      "this.#unsettled?.lastRangeIsOpen ?? ",
      "",
    ],
    [
      "the page knows where what was numbered early lies",
      "    if (moved.by > 0) this.#options.onRenumbered?.(moved);\n",
      "",
    ],
    ["what is kept is told in bytes of media", "this.#outbox.keptPayloadBytes", "this.#outbox.keptBytes"],
    [
      "the page knows what has arrived before it tells what is left",
      "if (newest) this.#options.onAcknowledged?.(newest.to);",
      "",
    ],
    ["a gap that nothing comes after is told", "    this.#outbox.end(recordedTo);\n", ""],
    [
      "nothing is numbered after Stop",
      '  push(chunk: EncodedChunk): void {\n    if (this.#phase !== "recording") return;',
      "  push(chunk: EncodedChunk): void {",
    ],
    [
      "the figures begin where a lost worker's ended",
      "chunks: this.#earlier.chunks + arrivedChunks",
      "chunks: this.#earlier.chunks",
    ],
  ),
  ...of(
    "transport/outbox.ts",
    ["a gap that may grow is not told", "return this.#mayGrow(entry) ? undefined : entry;", "return entry;"],
    [
      "a gap that may grow is no chunk that waits",
      "return this.#mayGrow(this.#entries[0]) ? null : (",
      "return (",
    ],
    ["a gap reaches to the media after it", "    this.#closeGap(capturedFrom);\n", ""],
    ["a gap in the middle reaches to the media after it", "this.#entries[end]?.capturedFrom ?? last", "last"],
    ["a gap begins where the media before it ended", "before ?? first.capturedFrom", "first.capturedFrom"],
    [
      "a gap begins where what was acknowledged ended",
      "    this.#releasedTo = released.at(-1)?.capturedTo ?? this.#releasedTo;\n",
      "",
    ],
    [
      "a lost worker's gap begins where what arrived ended",
      "arrivedTo ?? gap.capturedFrom",
      "gap.capturedFrom",
    ],
    [
      "there is no gap where a lost worker kept nothing",
      "      this.#exchange(this.#entries.length - 1, 1, { ...last, capturedTo, place: null });\n    }\n    this.#forgetEmptyLoss();",
      "      this.#exchange(this.#entries.length - 1, 1, { ...last, capturedTo, place: null });\n    }",
    ],
    [
      "what a lost worker would have brought until Stop lies in its gap",
      "      const capturedTo = Math.max(recordedTo, last.capturedTo ?? recordedTo);\n",
      "      const { capturedTo } = last;\n",
    ],
    [
      "there is no gap where it kept nothing, when Stop came first",
      "    if (this.#isEnded) this.#forgetEmptyLoss();\n",
      "",
    ],
    [
      "what was refused in flight waits for no answer",
      "    this.#cursor = Math.min(this.#cursor, start);\n",
      "",
    ],
    [
      "chunks move up behind what a lost worker delivered",
      'if (moved.kind === "chunk" && moved.message && shift > 0) renumberChunk(moved.message, moved.from);',
      "",
    ],
    [
      "no more is kept than may be",
      "while (this.#isOverfull() && this.#giveUpOldest(now, this.#isMemoryFull()));",
      "",
    ],
  ),
  ...of("transport/range-ledger.ts", [
    "a segment begins another run of hashes",
    "    if (this.#open?.segment !== segment) {",
    "    if (!this.#open) {",
  ]),
  ...of(
    "capture/encode/current-codec.ts",
    ["a codec is closed", 'if (codec && codec.state !== "closed") codec.close();', ""],
    [
      "a flush that hangs is given up",
      "    await Promise.race([codec.flush().catch(() => {}), late]);",
      "    await codec.flush().catch(() => {});",
    ],
  ),
  ...of(
    "capture/video/encoder.ts",
    [
      "frames of the former camera do not enter the new segment",
      "if (this.#reader === reader) this.#encode",
      "this.#encode",
    ],
    [
      "every frame of the camera is given back",
      "      } finally {\n        frame.close();\n      }\n    }",
      "      }\n    }",
    ],
    ["a drawn frame is closed", "  } finally {\n    frame.close();\n  }\n}", "  } finally {\n  }\n}"],
    ["a camera that was replaced is let go of", "    this.#reader?.cancel().catch(() => {});\n", ""],
    [
      "times go on rising with another camera",
      "if (this.#lastTimestampUs !== undefined) this.#shiftUs = undefined;",
      "",
    ],
    [
      "a codec that the system takes back without a word is started again",
      "this.#stopStallWatch ??= this.#clock.after(this.#stallMs, () => this.#replaceSilent());",
      "",
    ],
    [
      "a slow codec is given more time from one to the next",
      "    this.#stallMs = Math.min(2 * this.#stallMs, MAX_STALL_MS);\n",
      "",
    ],
  ),
  ...of(
    "capture/video/frame-source.ts",
    [
      "closing does not end the preview's track",
      "    const clone = track.clone();\n    const frames",
      "    const clone = track;\n    const frames",
    ],
    ["the clone is let go", "close: () => clone.stop()", "close: () => {}"],
  ),
  ...of("capture/video/frame-input.ts", [
    "Safari's clone is stopped in the worker",
    "        track.stop();\n",
    "",
  ]),
  ...of(
    "capture/audio/encoder.ts",
    ["every AudioData that is encoded is closed", "      data.close();\n", ""],
    [
      "sound of the former microphone does not come after the change",
      "if (this.#input === input) this.#encode(block, input);",
      "this.#encode(block, input);",
    ],
  ),
  ...of(
    "capture/audio/pcm-reader.ts",
    ["every AudioData that is read is closed", "      data.close();\n", ""],
    ["a worklet is told to stop", "        port.postMessage(PCM_STOP);\n", ""],
    ["a microphone that was replaced is let go of", "void reader.cancel().catch(() => {})", "void 0"],
  ),
  ...of(
    "capture/audio/pcm-source.ts",
    ["a worklet is taken off the microphone", "      disconnect();\n", ""],
    ["a worklet that is closed ends", "      node.port.postMessage(PCM_STOP);\n", ""],
  ),
  ...of("capture/encode/output.ts", [
    "an encoder that breaks again at once is given up",
    "if (hasJustBroken) this.fail(detail);",
    "",
  ]),
  ...of(
    "capture/recorder/media-recorder.ts",
    ["a track that comes after Stop is not recorded", "    if (this.#isOver) return;\n", ""],
    [
      "a recorder ends with Stop",
      "    recording?.stop();\n    await this.#delivered;",
      "    await this.#delivered;",
    ],
  ),
  ...of(
    "worker/recorder-rate.ts",
    [
      "a recorder takes another rate with another segment",
      "void this.#fitCamera(track, rate).then(() => recorder.newSegment());",
      "void this.#fitCamera(track, rate);",
    ],
    [
      "another camera gives the picture that the path carries",
      "if (this.#reduced && this.#reduced !== track) void this.#fitCamera(track, this.#applied);",
      "",
    ],
  ),
  ...of(
    "worker/page-encoding.ts",
    ["a source that opens late is let go", "        else source.close();\n", ""],
    ["an input that comes late is let go", "if (!isWanted()) return releaseInput(input);", ""],
    [
      "the former source is closed at a flip",
      "    encoder.source?.close();\n    encoder.source = null;\n",
      "",
    ],
    [
      "the worker lets go of a camera before another is asked for",
      '    this.#options.post({ kind: "release" });\n',
      "",
    ],
    [
      "the page lets go of a camera before another is asked for",
      "    encoder.source?.close();\n    const released",
      "    const released",
    ],
    [
      "no recorder begins after Stop",
      'if (!this.#options.isRecording() || encoder.by !== "webcodecs") return;',
      'if (encoder.by !== "webcodecs") return;',
    ],
    [
      "a slow encoder is waited for where nothing else can encode",
      "plan.isLastResort ? LAST_ENCODE_MS : ENCODE_MS",
      "ENCODE_MS",
    ],
    [
      "MediaRecorder goes on when WebCodecs breaks",
      "    await this.#recordBy(`",
      "    throw error;\n    void (`",
    ],
    [
      "what goes on has the camera of now",
      "    this.#track = track;\n    if (!this.#options.isRecording()) return;",
      "    if (!this.#options.isRecording()) return;",
    ],
    [
      "no chunk of a recorder comes without its segment",
      'if (isCurrent() && this.#isSegmentOpen) this.#options.post({ kind: "chunk", chunk });',
      'if (isCurrent()) this.#options.post({ kind: "chunk", chunk });',
    ],
    ["a recorder begins a segment for another worker", "    else this.newSegment();\n", ""],
    [
      "who waits for a lost worker's first bytes gives no other worker up",
      "    this.#encoder = { ...this.#encoder, source: null, isGiven: false };",
      "    this.#encoder.source = null;\n    this.#encoder.isGiven = false;",
    ],
    [
      "a lost worker's source is closed",
      "    this.#encoder.source?.close();\n    // Another one",
      "    // Another one",
    ],
    ["the page's source is closed with Stop", 'if (encoder.by === "webcodecs") encoder.source?.close();', ""],
    ["an encoder that is given up is closed", "    void this.end();\n", ""],
    ["a recorder's rate follows the path", "    this.#recorderRate?.follow(", "    void ("],
    [
      "an encoder in the worker ends before a recorder begins",
      '    this.#options.post({ kind: "encode-abort" });\n',
      "",
    ],
    [
      "a turned picture begins a recorder's segment",
      'if (this.#encoder.by === "recorder") this.#encoder.recorder.newSegment();\n  }\n\n  /** Begins',
      "}\n\n  /** Begins",
    ],
    [
      "a track that ended is no failure of the encoder",
      'if (isWanted() && (track.readyState as MediaStreamTrackState) !== "ended") throw cause;',
      "if (isWanted()) throw cause;",
    ],
  ),
  ...of(
    "worker/proxy.ts",
    [
      "the encoder is flushed before the stream is finished",
      '    await Promise.race([this.#encoding.end(), after(this.#clock, FLUSH_MS)]);\n    this.#encoding.closeSegment();\n    if (!this.#isFinishing()) return;\n    const host = this.#host;\n    this.#post({ kind: "finish", recordedTo });',
      '    const host = this.#host;\n    this.#post({ kind: "finish", recordedTo });\n    await Promise.race([this.#encoding.end(), after(this.#clock, FLUSH_MS)]);\n    this.#encoding.closeSegment();\n    if (!this.#isFinishing()) return;',
    ],
    [
      "a worker ends with its stream",
      "    this.#host?.close();\n    this.#host = null;\n  }",
      "    this.#host = null;\n  }",
    ],
    [
      "a stream that was muted before Start is muted",
      '    if (this.#muted) this.#post({ kind: "muted", muted: true });\n    try',
      "    try",
    ],
    [
      "a muted stream is muted in another worker",
      '    if (this.#muted) this.#post({ kind: "muted", muted: true });\n    if (phase',
      "    if (phase",
    ],
    [
      "a stream that recorded nothing does not wait for a dead path",
      "    if (this.#progress.isEmpty)\n      void late.then(() => this.#isFinishing() && this.#progress.isEmpty && this.discard());",
      "",
    ],
    [
      "a worker that does not end its encoder is replaced",
      '    else if (this.#isFinishing() && this.#host === host) this.#lose("it does not end its encoder");\n',
      "",
    ],
    [
      "a worker that is slow to end its encoder is waited for",
      "void this.#outwait(host, flushed);",
      'this.#lose("it is slow");',
    ],
    [
      "what a worker has handed over is not said to be lost with it",
      "    if (answer) this.#noteFlushed(host);\n    else if (this.#isFinishing()) void",
      "    if (!answer && this.#isFinishing()) void",
    ],
    [
      "what was recorded before an encoder broke is delivered",
      "    void this.finish();\n",
      "    this.discard();\n",
    ],
    ["a stream whose backend ended it records no more", "    if (isTerminal) this.#linger();\n", ""],
    [
      "code that did not come is asked for again at Start",
      "await this.#prepared.catch(() => this.#prepare())",
      "await this.#prepared",
    ],
    ["losses far apart are no row", "      this.#losses = 0;\n", ""],
    [
      "another worker has the token of now",
      "    this.#phase = { ...phase, send: token === undefined ? send : { ...send, token } };\n",
      "",
    ],
    ["a lost worker's encoder is not waited for", "    this.#encoding.workerLost();\n", ""],
    [
      "Stop during a loss is finished by the next worker",
      '    if (phase.kind === "finishing") {\n      const { recordedTo } = phase;\n      this.#post({ kind: "finish", ...(recordedTo !== undefined && { recordedTo }) });\n      return;\n    }\n',
      "",
    ],
    ["Start has an end", "this.#begin(), this.#over, this.#tooLate()", "this.#begin(), this.#over"],
    [
      "Stop ends a Start that hangs",
      "this.#begin(), this.#over, this.#tooLate()",
      "this.#begin(), this.#tooLate()",
    ],
    [
      "Stop before Start ends the stream",
      '      this.#end();\n      this.#options.onEvent({ kind: "unused" });',
      '      this.#options.onEvent({ kind: "unused" });',
    ],
  ),
  ...of("worker/progress.ts", [
    "a segment that a lost worker numbered keeps its number",
    "nextSegment: Math.max(record.nextSegment, this.#record.nextSegment)",
    "nextSegment: record.nextSegment",
  ]),
  ...of(
    "worker/open-host.ts",
    [
      "a camera that waits for a worker is let go of with it",
      '    if (state.kind === "worker" || state.kind === "page") state.waiting.forEach(releaseCommand);\n',
      "",
    ],
    ["a worker that does not load is replaced by the page", "else whenItFails(detail);", ""],
    [
      "a worker that hangs is replaced by the page",
      "    cancelTimer = clock.after(LOAD_MS, moveToPage);\n",
      "",
    ],
    ["code that comes late is let go", "        if (own !== attempt) return opened.close();\n", ""],
    [
      "a silent worker is given up",
      'if (silentTicks >= SILENT_TICKS) return lose("it gave no sign of life");',
      "",
    ],
    ["workers end", "    left?.close();\n", ""],
    [
      "what was asked of a worker that did not load is asked of the page",
      'waiting: state.kind === "worker" ? state.waiting : []',
      "waiting: []",
    ],
    ["a worker that is only slow is kept", "        silentTicks = 0;\n        if", "        if"],
  ),
  ...of(
    "worker/environment.ts",
    ["workers are terminated", "close: () => worker.terminate()", "close: () => {}"],
    ["an error of a worker is told", '      failed(error.message || "the worker did not load");\n', ""],
  ),
  ...of(
    "worker/host-encoding.ts",
    [
      "an input that comes after Stop is not encoded",
      'if (this.#isOver || this.#encoding.kind !== "none") return',
      'if (this.#encoding.kind !== "none") return',
    ],
    [
      "the camera is let go with Stop, whatever hangs",
      "      encoding.encoder.release();\n      await Promise.race",
      "      await Promise.race",
    ],
    [
      "a flush that hangs is given up",
      "await Promise.race([encoding.encoder.stop().catch(() => {}), this.#after(FLUSH_MS)]);",
      "await encoding.encoder.stop().catch(() => {});",
    ],
    ["a slow path lowers the rate", "    if (rate !== before) encoder.setRate(rate);\n", ""],
    ["an input without an encoder is let go", "        if (input) releaseInput(input);\n", ""],
    [
      "an input is let go while the code is on its way",
      '    if (this.#encoding.kind === "loading") releaseInput(this.#encoding.input);\n',
      "",
    ],
    [
      "an encoder that is given up lets go of the camera",
      "    encoding.encoder.release();\n    void",
      "    void",
    ],
    ["nothing is taken from an encoder that was given up", "    encoding.isOpen = false;\n", ""],
    ["code that could not be fetched is asked for again", "      this.#codecs = null;\n", ""],
  ),
  ...of(
    "worker/host.ts",
    [
      "the sender finishes after the encoder",
      "    await this.#encoding.end();\n    this.#sender?.finish(recordedTo);\n",
      "    this.#sender?.finish(recordedTo);\n    await this.#encoding.end();\n",
    ],
    [
      "after a gap the encoder beside the sender opens a segment",
      "        this.#encoding.newSegment();\n",
      "",
    ],
    ["the rate follows the path", "        this.#encoding.followPath(status);\n", ""],
    [
      "a refused stream is encoded no more",
      'if (status.delivery.kind === "failed") this.#encoding.drop();',
      "",
    ],
  ),
  ...of(
    "session/session.ts",
    [
      "Stop before the token came starts nothing",
      'if (this.#tokens !== keeper || this.phase.get().kind !== "starting") return;\n    if (!(await this.#hold',
      "if (!(await this.#hold",
    ],
    [
      "tokens of a start that was cancelled start nothing in the next one",
      'if (this.#tokens !== keeper || this.phase.get().kind !== "starting") return;',
      'if (this.phase.get().kind !== "starting") return;',
    ],
    [
      "tokens that were refused to a start that was cancelled are no news of the next one",
      "      if (this.#tokens !== keeper) return;\n",
      "",
    ],
    [
      "what was told before Start is gone with it",
      '    this.events.tell({ kind: "over" });\n    this.phase.set({ kind: "starting" });',
      '    this.phase.set({ kind: "starting" });',
    ],
    [
      "of a session that is over nothing is told",
      'if (this.phase.get().kind !== "ended") this.events.tell(event);',
      "this.events.tell(event);",
    ],
    [
      "nobody expects media of a device after Stop",
      "durationMs });\n    this.devices.endSession();",
      "durationMs });",
    ],
    [
      "nobody expects media of a failed stream's device",
      "if (!isTaken) this.devices.expectMedia(kind, false);\n        else if",
      "if",
    ],
    ["no tokens are fetched after the end", "      this.#forgetTokens();\n", ""],
  ),
  ...of("session/arrival.ts", [
    "an older look for the backend does not overrule a newer one",
    "if (own === this.#looks) this.backend.set(finding);",
    "this.backend.set(finding);",
  ]),
  ...of(
    "session/stream-session.ts",
    [
      "a stream that failed can be started again",
      "    if (!this.#proxy || this.#proxy.isOver) this.#openProxy();\n",
      "",
    ],
    [
      "another session ends the former worker",
      "  reset(): void {\n    this.#proxy?.dispose();",
      "  reset(): void {",
    ],
    [
      "a stream that is over shows no figures",
      "    if (isLastWord(sender.delivery.kind)) this.#showNothing();\n",
      "",
    ],
  ),
  ...of("session/session-devices.ts", [
    "a second answer opens no second camera",
    "for (const track of result.stream.getTracks()) track.stop();",
    "",
  ]),
  ...of(
    "session/device-requests.ts",
    [
      "the worker lets go of the camera before a flip",
      '    await this.#options.onRelease("video");\n    const flipped',
      "    const flipped",
    ],
    [
      "the former device ends before another is asked for",
      "    track?.stop();\n    const chosen",
      "    const chosen",
    ],
  ),
  ...of("session/session-media.ts", [
    "a muted microphone is muted from the first sample",
    "    if (audio) this.#applyMuted(audio);\n    const sound",
    "    const sound",
  ]),
  ...of("capture/devices/input-monitor.ts", [
    "one request for a device at a time",
    "if (this.#isClosed || this.#isRequesting || this.#isResting) return null;",
    "if (this.#isClosed || this.#isResting) return null;",
  ]),
  ...of(
    "session/session.ts",
    [
      "dispose ends what leads the window's events to the session",
      "    this.#disconnect();\n    this.close();",
      "    this.close();",
    ],
    [
      "a session that is disposed of asks for no devices",
      'if (this.#isDisposed || phase.kind !== "permission"',
      'if (phase.kind !== "permission"',
    ],
  ),
  ...of("capture/devices/device-environment.ts", [
    "a request of several stages ends with the session",
    "if (isOver())",
    "if (false)",
  ]),
  ...of("session/create-session.ts", [
    "leaving the page asks first",
    "if (asksBeforeUnload && session.holdsMedia) event.preventDefault();",
    "",
  ]),
  ...of("session/tokens.ts", [
    "a token that comes after the end is no one's",
    "    if (this.#isClosed()) return;\n    this.#state",
    "    this.#state",
  ]),
  ...of("adaptation/rate-control.ts", [
    "an outage is no full path",
    "path.silentMs > UNSURE_MS",
    "path.silentMs > UNSURE_MS + path.wayMs",
  ]),
];
