// Shows each new state without a reload, and opens the app once it answers at this address. Without it the page reloads.
(function () {
  var live = document.getElementById("live");
  function again() {
    setTimeout(look, 2000);
  }
  function look() {
    var ask = new XMLHttpRequest();
    ask.open("GET", location.href.split("#")[0]);
    ask.setRequestHeader("Accept", "text/html");
    ask.onreadystatechange = function () {
      if (ask.readyState === 2 && ask.getResponseHeader("X-VMStation") !== "waking") {
        ask.onerror = ask.onload = null;
        ask.abort();
        location.reload();
      }
    };
    ask.onload = function () {
      var page = new DOMParser().parseFromString(ask.responseText, "text/html");
      var fresh = page.getElementById("live");
      if (fresh && fresh.innerHTML !== live.innerHTML) live.innerHTML = fresh.innerHTML;
      document.title = page.title;
      again();
    };
    ask.onerror = again;
    ask.send();
  }
  again();
})();
