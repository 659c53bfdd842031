// What the portal's markup asks for: confirmations, links that send another verb, forms that answer without a new page.
(function () {
  'use strict';
  function meta(name) {
    var found = document.querySelector('meta[name="' + name + '"]');
    return found ? found.getAttribute('content') : '';
  }
  function hidden(form, name, value) {
    var input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.appendChild(input);
  }
  function refused(element) {
    var question = element && element.getAttribute('data-confirm');
    return question && !window.confirm(question);
  }
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[data-confirm], a[data-method], button[data-confirm]');
    if (!link) { return; }
    if (refused(link)) { event.preventDefault(); return; }
    var verb = link.getAttribute('data-method');
    if (!verb) { return; }
    event.preventDefault();
    var form = document.createElement('form');
    form.method = 'post';
    form.action = link.href;
    hidden(form, '_method', verb);
    hidden(form, meta('csrf-param'), meta('csrf-token'));
    document.body.appendChild(form);
    form.submit();
  });
  document.addEventListener('submit', function (event) {
    var button = event.target.querySelector('[data-disable-with]');
    if (button) { button.textContent = button.getAttribute('data-disable-with'); button.disabled = true; }
    if (event.target.getAttribute('data-remote') !== 'true') { return; }
    event.preventDefault();
    window.fetch(event.target.action, { method: 'POST', body: new FormData(event.target), credentials: 'same-origin' })
      .then(function () { window.location.reload(); });
  });
  document.addEventListener('DOMContentLoaded', function () {
    document.querySelectorAll('[data-usage-url]').forEach(function (cell) {
      window.fetch(cell.getAttribute('data-usage-url'), { credentials: 'same-origin' })
        .then(function (answer) { return answer.ok ? answer.json() : { total: '' }; })
        .then(function (usage) { cell.textContent = usage.total; });
    });
  });
}());
