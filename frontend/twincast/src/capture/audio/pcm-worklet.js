// Runs on the audio thread: cuts the microphone's sound into blocks of `BLOCK_MS` and posts each one straight to the encoder,
// which may sit in a worker. Nothing of it passes the page's thread, so a busy page delays no sound.
// Plain JavaScript, because an AudioWorklet loads this very file. The messages are PcmBlock of pcm-input.ts.

const BLOCK_MS = 20;

class TwincastPcm extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(Math.round((sampleRate * BLOCK_MS) / 1000));
    this.filled = 0;
    this.isRunning = true;
    this.out = undefined;
    this.port.onmessage = ({ data }) => this.onCommand(data);
  }

  /** @param {MessagePort | "stop"} command where to post blocks to, or to end. */
  onCommand(command) {
    if (command === "stop") {
      this.isRunning = false;
      return;
    }
    this.out = command;
    this.out.onmessage = ({ data }) => this.onCommand(data);
  }

  process([channels]) {
    // Without a connected source there are no channels: the microphone is being changed.
    const count = channels?.length ?? 0;
    const length = channels?.[0]?.length ?? 0;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let channel = 0; channel < count; channel++) sum += channels[channel][i];
      this.block[this.filled++] = sum / count;
      if (this.filled === this.block.length) this.post(currentFrame + i + 1);
    }
    return this.isRunning;
  }

  /** @param {number} end the number of the sample after the block's last. */
  post(end) {
    const samples = this.block;
    this.block = new Float32Array(samples.length);
    this.filled = 0;
    this.out?.postMessage({ samples, position: end - samples.length, at: Date.now() }, [samples.buffer]);
  }
}

registerProcessor("twincast-pcm", TwincastPcm);
