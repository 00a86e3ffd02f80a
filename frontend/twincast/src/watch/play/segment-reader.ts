/** The bytes of one stream to packets that know when they were captured, segment by segment. */
import { FragmentsReader } from "../container/fragments-reader";
import { MatroskaReader } from "../container/matroska-reader";
import { ContainerError, type ContainerReader, type Packet, type Track } from "../container/packets";
import { CaptureTimes, packetUs } from "./capture-times";
import type { TimedPacket } from "./timed-packet";

export interface SegmentReaderEvents {
  track(track: Track): void;
  /** All that came at once, the oldest first. */
  packets(packets: readonly TimedPacket[]): void;
  /** Nothing more comes of this segment. */
  failed(error: ContainerError): void;
}

export class SegmentReader {
  readonly #events: SegmentReaderEvents;
  #reader: ContainerReader | null = null;
  #times = new CaptureTimes();
  #track: Track | null = null;
  #fresh: Packet[] = [];
  #capturedTo = 0;
  /** Events of a reader of another segment are no one's. */
  #segment = 0;

  constructor(events: SegmentReaderEvents) {
    this.#events = events;
  }

  /** @param mimeType as the phone announced it. */
  begin(mimeType: string): void {
    const own = ++this.#segment;
    this.#times = new CaptureTimes();
    this.#track = null;
    this.#fresh = [];
    const events = {
      track: (track: Track) => {
        if (own !== this.#segment) return;
        this.#track = track;
        this.#events.track(track);
      },
      packet: (packet: Packet) => {
        if (own !== this.#segment) return;
        // Told together: the last of them is the one whose time the chunk says.
        if (this.#fresh.length === 0) queueMicrotask(() => own === this.#segment && this.#flush());
        this.#fresh.push(packet);
      },
      failed: (error: ContainerError) => {
        if (own === this.#segment) this.#fail(error);
      },
    };
    this.#reader = /mp4/.test(mimeType) ? new FragmentsReader(events) : new MatroskaReader(events);
  }

  /** @param capturedTo the chunk's, ms since the epoch on the phone's clock. */
  chunk(payload: Uint8Array, capturedTo: number): void {
    this.#capturedTo = capturedTo;
    try {
      this.#reader?.push(payload);
    } catch (error) {
      if (!(error instanceof ContainerError)) throw error;
      this.#fail(error);
    }
  }

  /** What comes now is of no segment that can be read. */
  end(): void {
    this.#segment++;
    this.#reader = null;
    this.#fresh = [];
  }

  #flush(): void {
    const packets = this.#fresh.splice(0);
    const last = packets.at(-1);
    const track = this.#track;
    if (!last || !track) return;
    const lengthUs = packetUs(track.codec ?? "", last.data, track.sampleRate);
    this.#times.note(last.timestampUs + lengthUs, this.#capturedTo);
    this.#events.packets(
      packets.flatMap(({ timestampUs, isKey, data }) => {
        const capturedAt = this.#times.at(timestampUs);
        return capturedAt === null ? [] : [{ capturedAt, isKey, data }];
      }),
    );
  }

  #fail(error: ContainerError): void {
    this.end();
    this.#events.failed(error);
  }
}
