// Features write plain links. A click on one that stays inside the app moves
// within it; everything else is the browser's.

const outside = /^\/(auth|api)\//;

/** Whether the app itself shows this address. */
export function staysInside(url: URL, here: URL): boolean {
  return url.origin === here.origin && !outside.test(url.pathname);
}

/** Follows clicks on links for as long as the app runs. */
export function followLinks(go: (href: string) => void): () => void {
  const click = (e: MouseEvent) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = e.target instanceof Element ? e.target.closest("a[href]") : null;
    if (!(a instanceof HTMLAnchorElement) || a.target === "_blank" || a.hasAttribute("download")) return;
    const url = new URL(a.href);
    const here = new URL(location.href);
    if (!staysInside(url, here) || (url.pathname === here.pathname && url.search === here.search && url.hash !== "")) return;
    e.preventDefault();
    go(url.pathname + url.search + url.hash);
  };
  document.addEventListener("click", click);
  return () => document.removeEventListener("click", click);
}
