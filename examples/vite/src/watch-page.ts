import { watchIn } from "./watch";

const byId = (id: string) => document.getElementById(id) as HTMLElement;
const backend = new URLSearchParams(location.search).get("backend") ?? "http://localhost:8000";
const end = watchIn(
  { list: byId("phones"), picture: byId("picture"), state: byId("state"), key: byId("key") },
  backend,
);
byId("leave").onclick = end;
