// What was done and is not sent yet: kept on the device, sent in its order, each thing once.
const queue = (() => {
  "use strict";
  const name = `drive ${location.pathname}`;
  const here = location.pathname;

  const open = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("waiting", { keyPath: "order", autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  const within = async (mode, work) => {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("waiting", mode);
        const asked = work(transaction.objectStore("waiting"));
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  };

  const add = (item) => within("readwrite", (store) => store.add(item));
  const all = () => within("readonly", (store) => store.getAll());
  const remove = (order) => within("readwrite", (store) => store.delete(order));

  // Return what the platform said of one thing: a problem, or nothing. Throws when it could not be asked.
  const send = async (item) => {
    const answer = item.picture
      ? await fetch(`${here}evidence/${item.shipment}/${item.kind}/`, { method: "POST", body: item.picture })
      : await fetch(`${here}actions/`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ actions: [item.action] }),
      });
    if (answer.status >= 500 || answer.status === 429) throw new Error("later");
    const said = await answer.json();
    if (!answer.ok) return [said.detail, ...(said.errors || []).map((one) => one.message)].filter(Boolean).join(": ");
    return item.picture ? "" : said.answers[0].problem;
  };

  let sending = false;

  // Send what waits, the oldest first; stop at the first thing that cannot be asked now. Return how many
  // went out and the problems told.
  const flush = async () => {
    if (sending) return null;
    sending = true;
    const problems = [];
    let sent = 0;
    try {
      for (const item of await all()) {
        const problem = await send(item);
        if (problem) problems.push(problem);
        await remove(item.order);
        sent += 1;
      }
    } catch (error) {
      return { problems, sent };
    } finally {
      sending = false;
    }
    return { problems, sent };
  };

  return { add, all, flush };
})();
