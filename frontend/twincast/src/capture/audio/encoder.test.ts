import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "../../testing/fake-clock";
import { FIRST_BYTES_MS } from "../encode/output";
import { FakeEncoders, fakeMuxer } from "../testing/fake-codecs";
import { RecordingSink } from "../testing/recording-sink";
import { WebCodecsAudioEncoder, type WebCodecsAudioOptions } from "./encoder";
import { PCM_BLOCK_MS, PCM_STOP, type PcmBlock, type PcmInput } from "./pcm-input";

const RATE_HZ = 48_000;
const BLOCK_SAMPLES = (RATE_HZ * PCM_BLOCK_MS) / 1_000;

/** What was made and not closed. */
let openData = 0;

vi.stubGlobal(
  "AudioData",
  class {
    readonly timestamp: number;

    constructor({ timestamp }: { timestamp: number }) {
      this.timestamp = timestamp;
      openData++;
    }

    close(): void {
      openData--;
    }
  },
);

let clock: FakeClock;
let sink: RecordingSink;
let encoders: FakeEncoders;
let microphone: Microphone;
const onFailure = vi.fn();

/** Posts blocks of 20 ms as the worklet does, on a port that hands them over at once. */
class Microphone {
  readonly posted: unknown[] = [];
  isClosed = false;
  readonly #port = {
    onmessage: null as ((event: { data: PcmBlock }) => void) | null,
    postMessage: (message: unknown) => this.posted.push(message),
    close: () => {
      this.isClosed = true;
    },
  };
  readonly input: PcmInput = {
    by: "worklet",
    port: this.#port as unknown as MessagePort,
    sampleRate: RATE_HZ,
  };
  #position: number;

  constructor(firstPosition = 0) {
    this.#position = firstPosition;
  }

  async speak(blocks: number): Promise<void> {
    for (let i = 0; i < blocks; i++) {
      await clock.advance(PCM_BLOCK_MS);
      const samples = new Float32Array(BLOCK_SAMPLES);
      this.#port.onmessage?.({ data: { samples, position: this.#position, at: clock.now() } });
      this.#position += BLOCK_SAMPLES;
      await settle();
    }
  }
}

function encoder(options: Partial<WebCodecsAudioOptions> = {}): WebCodecsAudioEncoder {
  return new WebCodecsAudioEncoder({
    bitsPerSecond: 48_000,
    reason: "It is the one under test.",
    onFailure,
    cadence: "realtime",
    clock,
    createEncoder: encoders.audio,
    loadMuxer: async () => fakeMuxer,
    ...options,
  });
}

beforeEach(() => {
  clock = new FakeClock(10_000);
  sink = new RecordingSink();
  encoders = new FakeEncoders();
  encoders.prepare = (made) => {
    const { encode } = made;
    // Every packet of Opus stands alone.
    made.encode = (data) => encode.call(made, data, { keyFrame: true });
  };
  microphone = new Microphone();
  onFailure.mockReset();
});

describe("encoding sound", () => {
  it("makes one segment of Opus", async () => {
    const made = encoder();
    const started = made.start(microphone.input, sink);
    await microphone.speak(3);
    await started;
    await made.stop();
    expect(sink.texts).toEqual(["<opus> K0 |K20 |K40 |</>"]);
    expect(sink.segments[0]?.info).toMatchObject({
      mimeType: "audio/fake;codecs=opus",
      codecs: "opus",
      encoder: { name: "webcodecs", reason: "It is the one under test." },
      sampleRate: RATE_HZ,
      channels: 1,
    });
    expect(encoders.last.configs[0]).toMatchObject({ codec: "opus", bitrate: 48_000, numberOfChannels: 1 });
  });

  it("stamps each packet with the time that its sound was heard", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(3);
    await made.stop();
    const spans = sink.segments[0]?.chunks.map(({ capturedFrom, capturedTo }) => [capturedFrom, capturedTo]);
    expect(spans?.slice(0, 3)).toEqual([
      [10_000, 10_020],
      [10_020, 10_040],
      [10_040, 10_060],
    ]);
  });

  it("marks every chunk as one that a reader may begin with", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(3);
    await made.stop();
    expect(sink.segments[0]?.chunks.every(({ keyFrame }) => keyFrame)).toBe(true);
  });

  it("keeps its timestamps rising where an engine stamps two packets alike", async () => {
    const times: number[] = [];
    const made = encoder({
      loadMuxer: async () => async (codec) => {
        const muxer = await fakeMuxer(codec);
        return {
          ...muxer,
          add: (chunk, timestampS, config) => {
            times.push(timestampS);
            return muxer.add(chunk, timestampS, config);
          },
        };
      },
    });
    encoders.prepare = (fake) => {
      const { encode } = fake;
      fake.encode = ({ timestamp }) =>
        encode.call(fake, { timestamp: timestamp - (timestamp % 40_000) }, { keyFrame: true });
    };
    void made.start(microphone.input, sink);
    await microphone.speak(6);
    await made.stop();
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(6);
  });

  it("tells the audio thread to end, and closes the way to it", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(1);
    await made.stop();
    expect(microphone.posted).toEqual([PCM_STOP]);
    expect(microphone.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("takes a new rate live, and a new segment without a pause", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(2);
    expect(made.setBitrate(24_000)).toBe("applied");
    made.newSegment();
    await microphone.speak(2);
    await made.stop();
    expect(sink.texts).toEqual(["<opus> K0 |K20 |</>", "<opus> K40 |K60 |</>"]);
    expect(encoders.last.configs.map(({ bitrate }) => bitrate)).toEqual([48_000, 24_000]);
  });

  it("goes on with another microphone", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(2);
    const headset = new Microphone(480_000);
    made.newSegment(headset.input);
    await headset.speak(2);
    await made.stop();
    expect(microphone.isClosed).toBe(true);
    expect(sink.texts).toEqual(["<opus> K0 |K20 |</>", "<opus> K10000 |K10020 |</>"]);
  });
});

describe("an audio encoder that breaks", () => {
  it("is replaced once, in a new segment", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(2);
    encoders.last.fail("QuotaExceededError");
    await microphone.speak(2);
    await made.stop();
    expect(encoders.made).toHaveLength(2);
    expect(sink.texts).toEqual(["<opus> K0 |K20 |</>", "<opus> K40 |K60 |</>"]);
  });

  it("from the start is an error, and leaves no trace in the sink", async () => {
    encoders.prepare = (made) => {
      made.isMute = true;
    };
    const started = encoder().start(microphone.input, sink);
    const refusal = expect(started).rejects.toMatchObject({ code: "no-bytes", kind: "audio" });
    await clock.advance(FIRST_BYTES_MS);
    await refusal;
    expect(sink.segments).toEqual([]);
    expect(microphone.isClosed).toBe(true);
  });

  it("is an error when it does not take the configuration", async () => {
    encoders.prepare = (made) => {
      made.configure = () => {
        throw new DOMException("opus", "NotSupportedError");
      };
    };
    await expect(encoder().start(microphone.input, sink)).rejects.toMatchObject({
      code: "no-bytes",
      detail: expect.stringContaining("opus"),
    });
  });

  it("drops sound rather than let it pile up, and counts it", async () => {
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(1);
    encoders.last.encodeQueueSize = 51;
    await microphone.speak(4);
    await made.stop();
    expect(made.stats().droppedFrames).toBe(4);
  });
});

describe("what it holds", () => {
  it("is let go: every block of samples, and the codec", async () => {
    openData = 0;
    const made = encoder();
    void made.start(microphone.input, sink);
    await microphone.speak(5);
    expect(encoders.last.encoded.length).toBeGreaterThan(0);
    expect(openData).toBe(0);
    await made.stop();
    expect(encoders.last.state).toBe("closed");
  });

  it("is nothing that the former microphone still gave", async () => {
    let controller: ReadableStreamDefaultController<AudioData> | undefined;
    const sound = new ReadableStream<AudioData>({
      start: (made) => {
        controller = made;
      },
    });
    const data = {
      timestamp: 0,
      sampleRate: RATE_HZ,
      numberOfFrames: BLOCK_SAMPLES,
      numberOfChannels: 1,
      copyTo: () => {},
      close: () => {},
    } as unknown as AudioData;
    const made = encoder();
    void made.start({ by: "track", sound, sampleRate: RATE_HZ }, sink);
    await settle();
    controller?.enqueue(data);
    made.newSegment(microphone.input);
    await settle();
    expect(encoders.made.flatMap(({ encoded }) => encoded)).toEqual([]);
    await made.stop();
  });
});
