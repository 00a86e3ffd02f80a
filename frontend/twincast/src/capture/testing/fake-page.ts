import type { VisibilityPage } from "../devices/page-visibility";

/** Counts its listeners, so that a test sees those that were left behind. */
class CountingTarget extends EventTarget {
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.listeners++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.listeners--;
    super.removeEventListener(...args);
  }
}

class FakeDocument extends CountingTarget {
  visibilityState: DocumentVisibilityState = "visible";
}

/** A page that a test hides and shows, and that devices are plugged into. */
export class FakePage implements VisibilityPage {
  readonly document = new FakeDocument();
  readonly window = new CountingTarget();
  readonly mediaDevices = new CountingTarget();

  hide(): void {
    this.document.visibilityState = "hidden";
    this.document.dispatchEvent(new Event("visibilitychange"));
    this.window.dispatchEvent(new Event("pagehide"));
  }

  show(): void {
    this.document.visibilityState = "visible";
    this.window.dispatchEvent(new Event("pageshow"));
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  plugIn(): void {
    this.mediaDevices.dispatchEvent(new Event("devicechange"));
  }

  get listeners(): number {
    return this.document.listeners + this.window.listeners + this.mediaDevices.listeners;
  }
}
