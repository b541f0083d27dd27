// Keeps the driver's page and what it is made of, so that it opens without a network.
const KEPT = "drive-1";
const PARTS = ["script", "style"];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page names what it is made of, and is told when all of it is kept.
self.addEventListener("message", (event) => {
  event.waitUntil((async () => {
    const kept = await caches.open(KEPT);
    await kept.addAll(event.data);
    event.ports[0]?.postMessage("kept");
  })());
});

const isKept = (request) => request.method === "GET"
  && (request.mode === "navigate" || PARTS.includes(request.destination) || request.url.endsWith("/state/"));

// What is newest, or else what is kept; that something cannot be kept spoils no answer of the network.
const answer = async (event) => {
  const kept = await caches.open(KEPT);
  let fresh;
  try {
    fresh = await fetch(event.request);
  } catch (error) {
    const known = await kept.match(event.request.url, { ignoreSearch: true, ignoreVary: true });
    if (known) return known;
    throw error;
  }
  if (fresh.ok) event.waitUntil(kept.put(event.request.url, fresh.clone()).catch(() => undefined));
  return fresh;
};

self.addEventListener("fetch", (event) => {
  if (isKept(event.request)) event.respondWith(answer(event));
});
