import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../styles/index.scss";
import { App } from "./App";

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
