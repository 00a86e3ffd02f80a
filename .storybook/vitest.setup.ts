import { configure } from "storybook/test";
import { afterAll, afterEach, expect, type TestContext } from "vitest";
import { page, server } from "vitest/browser";
import { PICTURE_SCREENS, type PictureScreen } from "./viewports";

// A worker draws meters in its own time, which no picture of the page waits for: here the page draws them, as in all browsers but
// Chromium.
Reflect.deleteProperty(HTMLCanvasElement.prototype, "transferControlToOffscreen");

/** What a story waits for, it waits for on a busy machine too: a limit is for what never comes. */
const LIMIT_MS = 10_000;
configure({ asyncUtilTimeout: LIMIT_MS });

// Letters are drawn by the system: the references are Linux's, like CI.
const comparesPictures = server.platform === "linux";
if (!comparesPictures)
  console.warn("Pictures of stories are compared on Linux only; all else is tested here too.");

/** The names of all reference pictures, without reading one of them. */
const REFERENCES = Object.keys(import.meta.glob("./screenshots/**/*.png"));

const passed = new Map<string, readonly string[]>();
let storiesInFile = Number.POSITIVE_INFINITY;
let folder = "";

/** After a story's play function and accessibility check: it looks like its references, on the screens it names. */
afterEach(async ({ task }: TestContext) => {
  storiesInFile = task.file.tasks.length;
  folder = storyFile(task.file.name);
  if (task.result?.state === "fail") return;
  expect(textsOfReact(), "texts beside other nodes: give each an element of its own").toEqual([]);
  if (!comparesPictures) return;
  const names: string[] = [];
  for (const screen of picturedOn()) {
    const { width, height } = PICTURE_SCREENS[screen];
    await page.viewport(width, height);
    await document.fonts.ready;
    await previewsFit();
    await metersDrawn();
    expect(underToasts(), `what a toast lies over, on ${screen}`).toEqual([]);
    // What is below the fold belongs to the picture: outside of the viewport nothing is drawn.
    await unroll(width);
    await expect(page.elementLocator(document.body)).toMatchScreenshot(`${task.name}-${screen}`);
    names.push(`${task.name}-${screen}`);
  }
  passed.set(task.name, names);
});

/** No reference outlives its story, its name or its screen: a file's pictures are those that its stories take. */
afterAll(() => {
  // Of a file of which only some stories ran or passed, nothing can be said.
  if (!comparesPictures || passed.size < storiesInFile) return;
  const taken = new Set([...passed.values()].flat().map(referenceName));
  const stale = REFERENCES.filter((path) => {
    const [, , inFolder, file = ""] = path.split("/");
    return inFolder === folder && !taken.has(referenceName(file.replace(".png", "")));
  });
  expect(stale, "pictures that no story takes: delete them").toEqual([]);
});

/** Makes the viewport as tall as the page, and as what a taller one brings back that a low one leaves out. */
async function unroll(width: number): Promise<void> {
  const tall = heightOfAll();
  if (tall > window.innerHeight) await page.viewport(width, tall);
  const { scrollHeight } = document.documentElement;
  if (scrollHeight > window.innerHeight) await page.viewport(width, scrollHeight);
}

/** Of the page with all that scrolls in it unrolled. On its side a screen stays one: taller, it would be another layout. */
function heightOfAll(): number {
  const { scrollHeight, clientHeight } = document.documentElement;
  if (window.innerWidth > window.innerHeight) return scrollHeight;
  const scrollers = [...document.querySelectorAll("main *")].filter(
    (element) => getComputedStyle(element).overflowY === "auto",
  );
  const hidden = scrollers.map((element) => element.scrollHeight - element.clientHeight);
  return Math.max(scrollHeight, clientHeight + Math.max(0, ...hidden));
}

/** What must be read or pressed at any moment, and is under a toast at its middle. */
function underToasts(): string[] {
  const important = document.querySelectorAll(
    "main button, [role=timer], [role=group][data-stream], p[data-level], #session-summary-title",
  );
  return [...important]
    .filter((element) => {
      if (element.closest("li[data-tone]")) return false;
      const { left, top, width, height } = element.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      return hit?.closest("li[data-tone]") != null;
    })
    .map((element) => element.getAttribute("aria-label") ?? element.textContent ?? element.tagName);
}

/**
 * Texts whose nodes React holds on to, as it does with each that has a neighbour. A translator puts an element in their
 * place; React's next change of one of them is not seen or throws (facebook/react#11538). The only text of an element
 * it sets anew.
 */
function textsOfReact(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: string[] = [];
  while (walker.nextNode()) {
    const { currentNode } = walker;
    if (Object.keys(currentNode).some((key) => key.startsWith("__reactFiber")))
      texts.push(currentNode.textContent ?? "");
  }
  return texts;
}

/** The story's parameter `pictures`, as the preview wrote it down. */
function picturedOn(): PictureScreen[] {
  const names = document.documentElement.dataset.pictures;
  if (names === undefined) throw new Error("The preview did not say on which screens the story is pictured.");
  return names.split(" ").filter((name): name is PictureScreen => name in PICTURE_SCREENS);
}

function storyFile(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(".stories.tsx", "");
}

/** However a file's name writes what is neither letter nor digit. */
function referenceName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9]+/g, "-");
}

/** The mock camera turns with the screen, a frame later. */
async function previewsFit(): Promise<void> {
  const upright = window.innerHeight > window.innerWidth;
  await expect
    .poll(
      () =>
        [...document.querySelectorAll("video")].every(
          ({ srcObject, videoWidth, videoHeight }) =>
            srcObject === null || (videoWidth > 0 && videoHeight > videoWidth === upright),
        ),
      { timeout: LIMIT_MS },
    )
    .toBe(true);
}

/** A level is drawn when it is due, which may be a twelfth of a second after all else; a blank canvas stands as still. */
async function metersDrawn(): Promise<void> {
  await expect
    .poll(
      () =>
        [...document.querySelectorAll<HTMLElement>("canvas[data-part=picture]")].every(
          (canvas) => canvas.dataset.drawn === "true" || getComputedStyle(canvas).visibility === "hidden",
        ),
      { timeout: LIMIT_MS },
    )
    .toBe(true);
}
