// j and k walk through a table's rows, Enter opens one, ? lists the keys. The list switches single
// keys off (WCAG 2.1.4). For the mouse a whole row is a link.
const OFF = 'portal.keys.off';
const help = document.querySelector('[data-keys-help]');
const table = document.querySelector('table[data-keys]');
const on = () => !localStorage.getItem(OFF);

function walk(by) {
  const links = [...table.querySelectorAll('tr[data-row-href] th a')];
  const here = links.indexOf(document.activeElement);
  const link = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by];
  link?.focus();
  link?.closest('tr').scrollIntoView({ block: 'nearest' });
}

function press(event) {
  if (event.key === 'Escape') document.querySelector('details.account[open]')?.removeAttribute('open');
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  if (event.key === '?' && help) help.showModal();
  else if (table && on() && event.key === 'j') walk(1);
  else if (table && on() && event.key === 'k') walk(-1);
  else return;
  event.preventDefault();
}

export default function start() {
  document.addEventListener('keydown', press);
  document.addEventListener('click', (event) => {
    const row = event.target.closest('tr[data-row-href]');
    if (!row || event.target.closest('a, button, input, label, summary')) return;
    if (!getSelection().isCollapsed) return;
    const link = row.querySelector('th a');
    if (event.ctrlKey || event.metaKey) open(link.href, '_blank', 'noopener');
    else link.click();
  });
  const hint = table?.querySelector('[data-keys-hint]');
  const box = help?.querySelector('[data-keys-on]');
  if (hint) hint.hidden = !on();
  if (!box) return;
  box.checked = on();
  box.addEventListener('change', () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
    if (hint) hint.hidden = !on();
  });
}
