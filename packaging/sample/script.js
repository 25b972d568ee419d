// Tells where the page came from and how long its document took.
const [entry] = performance.getEntriesByType('navigation');
document.getElementById('host').textContent = location.host;
document.getElementById('time').textContent = `${Math.max(1, Math.round(entry.responseEnd - entry.requestStart))} ms`;
