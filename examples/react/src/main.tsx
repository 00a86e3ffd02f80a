import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Camera } from "./Camera";

const backend = new URLSearchParams(location.search).get("backend") ?? "http://localhost:8000";

function App() {
  const [isShown, setShown] = useState(true);
  return (
    <>
      {isShown && <Camera backend={backend} />}
      <button type="button" onClick={() => setShown(!isShown)}>
        {isShown ? "Let everything go" : "Show the camera"}
      </button>
    </>
  );
}

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
