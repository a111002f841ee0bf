import { useEffect, useState, type ComponentType } from "react";
import { Failed, Loading } from "../ui/State";

/**
 * A part of the app that is fetched when it is first shown. A page older than
 * the server asks for files that are gone; so does one without a network: both
 * are said, and loading the page again helps as soon as anything can.
 */
export function part<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let known: ComponentType<P> | null = null;
  return function Part(props: P) {
    const [Page, setPage] = useState<ComponentType<P> | null>(() => known);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (Page) return;
      let live = true;
      load().then(
        (page) => {
          known = page;
          if (live) setPage(() => page);
        },
        () => live && setFailed(true),
      );
      return () => {
        live = false;
      };
    }, [Page]);
    if (failed) return <Failed title="This page could not be loaded" detail="The service cannot be reached just now, or has been renewed since you opened this page. Load it again." onRetry={() => location.reload()} />;
    return Page ? <Page {...props} /> : <Loading what="the page" />;
  };
}
