import { connectWatchWindow, createBrowserWatch, type WatchedPhone } from "twincast/watch";

export function watchIn({ list, picture, state, key }: Parts, backend: string) {
  const { live } = createBrowserWatch(backend);
  let shown: WatchedPhone | null = null;
  let ends: (() => void)[] = [];
  const tell = () => {
    const words = shown?.streams.get().map(({ kind, status }) => `${kind} ${status.kind}`) ?? [];
    state.textContent = [live.access.get().kind, ...words].join(", ");
    key.hidden = live.access.get().kind !== "not-allowed";
  };
  const draw = () => {
    const canvas = document.createElement("canvas");
    picture.replaceChildren(canvas);
    shown?.show(canvas);
  };
  const show = (phone: WatchedPhone) => {
    for (const end of ends) end();
    shown?.close();
    shown = phone;
    ends = [phone.generation.subscribe(draw), phone.streams.subscribe(tell)];
    draw();
  };
  const buttonOf = (phone: WatchedPhone) =>
    Object.assign(document.createElement("button"), { textContent: phone.name, onclick: () => show(phone) });
  live.phones.subscribe(() => list.replaceChildren(...live.phones.get().map(buttonOf)));
  live.access.subscribe(tell);
  key.onchange = ({ target }) => live.give((target as HTMLInputElement).value);
  tell();
  return connectWatchWindow(live);
}

/** A button for each phone goes into `list`; the one that is pressed is drawn in `picture`. `key` holds an input. */
interface Parts {
  readonly list: HTMLElement;
  readonly picture: HTMLElement;
  readonly state: HTMLElement;
  readonly key: HTMLElement;
}
