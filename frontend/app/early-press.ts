/**
 * A press of the first button that comes before the page's code: kept by a script within the document, told by the
 * button's look (`aria-busy`), and taken once the code is there.
 */

/** On the button that may be pressed early. */
export const EARLY_ATTRIBUTE = "data-early";

const BUSY = "aria-busy";

/** For the document: it runs before any other script has come. */
export const KEEP_PRESS = `addEventListener("click",e=>{var b=e.target.closest&&e.target.closest("[${EARLY_ATTRIBUTE}]");b&&b.setAttribute("${BUSY}","true")})`;

/** @returns whether the button was pressed before anybody listened; only the first to ask is told so. */
export function takeEarlyPress(): boolean {
  const pressed = document.querySelector(`[${EARLY_ATTRIBUTE}][${BUSY}]`);
  pressed?.removeAttribute(BUSY);
  return pressed !== null;
}
