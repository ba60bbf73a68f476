// Refreshes a page gently when something of it has changed. Without it, or without the feed, the page stays as it is.
"use strict";

(() => {
  const PAUSE = 1000; // milliseconds in which changes are gathered
  const marker = document.getElementById("live");
  if (!marker || !window.EventSource) return;

  const address = new URL(marker.dataset.feed, location.href);
  let feed = null;
  let timer = null;

  // Only a tab that is looked at listens: browsers have few connections for each server.
  function listen() {
    if (document.hidden || feed) return;
    feed = new EventSource(address);
    feed.onmessage = (message) => {
      address.searchParams.set("after", message.lastEventId);
      if (JSON.parse(message.data).kind !== "command") soon();
    };
  }

  function rest() {
    if (feed) feed.close();
    feed = null;
  }

  function soon() {
    if (timer === null) timer = setTimeout(refresh, PAUSE);
  }

  async function refresh() {
    timer = null;
    if (isFillingIn()) return soon();
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer) return soon();
    if (!answer.ok) return rest();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("content");
    if (fresh && !isFillingIn()) show(fresh);
  }

  // A choice that somebody is about to make is not taken from them.
  function isFillingIn() {
    return document.activeElement !== null && document.activeElement.closest("#content form") !== null;
  }

  function show(fresh) {
    const shown = document.getElementById("content");
    const link = document.activeElement && document.activeElement.getAttribute("href");
    shown.replaceChildren(...fresh.childNodes);
    const again = link && [...shown.querySelectorAll("a")].find((a) => a.getAttribute("href") === link);
    if (again) again.focus({ preventScroll: true });
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  window.addEventListener("pagehide", rest);
  listen();
})();
