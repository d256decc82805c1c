// The one entry: looks at what the page has, and loads what that needs.
const needs = {
  'time[datetime]': './times.js',
  '[data-copy]': './copy.js',
  'table[data-keys], tr[data-row-href], details.account': './keyboard.js',
  'form[data-passkey]': './passkey.js',
  'form[data-autosave]': './autosave.js',
  'form[data-upload]': './upload.js',
  '[data-keygen]': './keygen.js',
};
for (const [selector, module] of Object.entries(needs)) {
  const found = document.querySelectorAll(selector);
  if (found.length) import(module).then((m) => m.default(found));
}

document.querySelector('[data-focus]')?.focus();

for (const area of document.querySelectorAll('[data-count]')) {
  const said = document.getElementById(`${area.id}-count`);
  const count = () => {
    const left = Number(area.dataset.count) - area.value.length;
    const letters = `character${Math.abs(left) === 1 ? '' : 's'}`;
    said.textContent = left < 0 ? `${-left} ${letters} too many.` : `${left} ${letters} left.`;
    said.classList.toggle('over', left < 0);
  };
  area.addEventListener('input', count);
  if (area.value) count();
}
