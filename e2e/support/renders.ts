/** How much React renders, counted where its developer tools would listen. */
import type { Page } from "@playwright/test";

/** A node of React's tree, as far as it is looked at. */
interface Fiber {
  readonly flags: number;
  readonly tag: number;
  readonly alternate: Fiber | null;
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
}

/** Before the page's own scripts. */
function countRenders(): void {
  const PERFORMED_WORK = 1;
  /** Functions, classes, `forwardRef`, `memo`. */
  const COMPONENTS = new Set([0, 1, 11, 14, 15]);
  const counted = { renders: 0 };
  const walk = (fiber: Fiber) => {
    const before = fiber.alternate;
    if (COMPONENTS.has(fiber.tag) && (!before || fiber.flags & PERFORMED_WORK)) counted.renders++;
    // The same children as before: nobody below has rendered.
    if (before && before.child === fiber.child) return;
    for (let child = fiber.child; child; child = child.sibling) walk(child);
  };
  Object.assign(globalThis, {
    counted,
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      checkDCE: () => {},
      inject: () => 1,
      onCommitFiberRoot: (_id: number, root: { readonly current: Fiber }) => walk(root.current),
      onCommitFiberUnmount: () => {},
      onPostCommitFiberRoot: () => {},
    },
  });
}

export interface PageThread {
  /** Renders of components a second. */
  readonly rendersPerSecond: number;
  /** Frames that the page's thread had a part in; the compositor's own are none. */
  readonly framesPerSecond: number;
  /** Processor time of the page's thread, 0 to 1 core, and that of style and layout alone. */
  readonly busy: number;
  readonly layout: number;
}

/** Call `watch` before the page is opened. */
export async function watchRenders(page: Page): Promise<(seconds: number) => Promise<PageThread>> {
  await page.addInitScript(countRenders);
  return async (seconds) => {
    const cdp = await page.context().newCDPSession(page);
    // Of the thread and not of the clock: on a busy machine the thread waits for others in the middle of its tasks.
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const read = async () => {
      const { metrics } = await cdp.send("Performance.getMetrics");
      const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
      const renders = await page.evaluate(
        () => (globalThis as unknown as { counted: { renders: number } }).counted.renders,
      );
      return {
        atS: performance.now() / 1_000,
        renders,
        frames: of("RecalcStyleCount"),
        busyS: of("TaskDuration"),
        layoutS: of("LayoutDuration") + of("RecalcStyleDuration"),
      };
    };
    const before = await read();
    await page.waitForTimeout(seconds * 1_000);
    const after = await read();
    const tookS = after.atS - before.atS;
    await cdp.detach();
    return {
      rendersPerSecond: (after.renders - before.renders) / tookS,
      framesPerSecond: (after.frames - before.frames) / tookS,
      busy: (after.busyS - before.busyS) / tookS,
      layout: (after.layoutS - before.layoutS) / tookS,
    };
  };
}
