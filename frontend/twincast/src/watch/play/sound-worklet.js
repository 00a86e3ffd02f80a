// Runs on the audio thread: plays what a worker decodes, as soon as it may and no later. Plain JavaScript, because an
// AudioWorklet loads this very file. The messages are SoundCommand and SoundReport of sound.ts.

/** How much more than it should be may wait before what is too much is left out: see playhead.ts. */
const SLACK_MS = 80;
/** Blocks of 128 samples between two reports: every 27 ms at 48 kHz. */
const REPORT_EVERY = 10;
/** Where sound is cut it fades, over this many samples: a step is heard as a click. */
const FADE = 96;

class TwincastSound extends AudioWorkletProcessor {
  constructor() {
    super();
    /** @type {{ samples: Float32Array, capturedAt: number }[]} */
    this.queue = [];
    /** Samples of the first block that were played. */
    this.played = 0;
    this.waiting = 0;
    this.targetMs = 60;
    this.isPriming = true;
    this.fadeIn = 0;
    this.blocks = 0;
    this.underruns = 0;
    this.trimmed = 0;
    this.isRunning = true;
    this.out = undefined;
    this.port.onmessage = ({ data }) => this.onCommand(data);
  }

  onCommand(command) {
    switch (command.kind) {
      case "connect":
        this.out = command.port;
        this.out.onmessage = ({ data }) => this.onCommand(data);
        return;
      case "samples":
        this.queue.push(command);
        this.waiting += command.samples.length;
        if (this.waitingMs() > this.targetMs + SLACK_MS) this.trim();
        return;
      case "target":
        this.targetMs = command.ms;
        return;
      case "clear":
        this.queue = [];
        this.played = this.waiting = 0;
        this.isPriming = true;
        return;
      case "stop":
        this.isRunning = false;
        return;
    }
  }

  waitingMs() {
    return (this.waiting / sampleRate) * 1000;
  }

  /** Leaves out the oldest of what is too much. */
  trim() {
    let extra = Math.max(0, this.waiting - Math.round((this.targetMs / 1000) * sampleRate));
    this.trimmed += extra;
    this.waiting -= extra;
    while (extra > 0 && this.queue.length > 0) {
      const left = this.queue[0].samples.length - this.played;
      if (left > extra) {
        this.played += extra;
        extra = 0;
      } else {
        extra -= left;
        this.queue.shift();
        this.played = 0;
      }
    }
    this.fadeIn = FADE;
  }

  process(_inputs, [channels]) {
    const output = channels[0];
    if (this.isPriming && this.waitingMs() >= this.targetMs) {
      this.isPriming = false;
      this.fadeIn = FADE;
      // What came at once at the join is older than it has to be.
      this.trim();
    }
    let capturedAt = null;
    let filled = 0;
    while (!this.isPriming && filled < output.length && this.queue.length > 0) {
      const { samples, capturedAt: blockAt } = this.queue[0];
      capturedAt ??= blockAt + (this.played / sampleRate) * 1000;
      const count = Math.min(output.length - filled, samples.length - this.played);
      for (let i = 0; i < count; i++) {
        const gain = this.fadeIn > 0 ? 1 - this.fadeIn-- / FADE : 1;
        output[filled + i] = samples[this.played + i] * gain;
      }
      filled += count;
      this.played += count;
      this.waiting -= count;
      if (this.played === samples.length) {
        this.queue.shift();
        this.played = 0;
      }
    }
    for (let channel = 1; channel < channels.length; channel++) channels[channel].set(output);
    if (!this.isPriming && filled < output.length) {
      this.underruns++;
      this.isPriming = true;
    }
    if (capturedAt !== null && ++this.blocks % REPORT_EVERY === 0) {
      this.out?.postMessage({
        capturedAt,
        waitingMs: this.waitingMs(),
        underruns: this.underruns,
        trimmedMs: (this.trimmed / sampleRate) * 1000,
      });
    }
    return this.isRunning;
  }
}

registerProcessor("twincast-sound", TwincastSound);
