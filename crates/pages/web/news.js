// News of runs that are under way, as a server sends them. A page that nobody looks at does not listen: browsers
// open only a few connections to a server, and the server looks at files only while somebody listens.

/** Calls `take` with the news of all labels whenever there are some, as long as the page is seen. */
export function follow(address, take) {
  let source = null;
  const listen = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (source === null) {
      source = new EventSource(address);
      source.addEventListener('labels', (event) => take(JSON.parse(event.data)));
    }
  };
  document.addEventListener('visibilitychange', listen);
  listen();
}
