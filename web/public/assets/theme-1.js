// Before the first paint, so that nobody who chose dark sees a white flash; a file of its own because of the CSP.
// Browsers keep it for good: whoever changes it gives it another number.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("habitue.theme");
  } catch (_) {
    // A browser that keeps nothing follows the system.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
