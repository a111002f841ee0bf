import { useEffect } from "react";

// On a phone the keyboard covers the page instead of shrinking it. What one
// writes and what one answers must stay in sight, so a room is made as high as
// what is left, and gives up its bars while the keyboard is up.

/** Keeps the height that is really in sight in --screen. */
export function useScreen(): void {
  useEffect(() => {
    const { visualViewport: v } = window;
    if (!v) return;
    const root = document.documentElement;
    const fit = () => {
      const keyboard = v.scale === 1 && v.height < window.innerHeight * 0.8;
      if (keyboard) root.style.setProperty("--screen", `${Math.round(v.height)}px`);
      else root.style.removeProperty("--screen");
      root.toggleAttribute("data-keyboard", keyboard);
      if (keyboard) window.scrollTo(0, 0);
    };
    v.addEventListener("resize", fit);
    return () => {
      v.removeEventListener("resize", fit);
      root.style.removeProperty("--screen");
      root.removeAttribute("data-keyboard");
    };
  }, []);
}
