// Times in the reader's zone, the exact UTC on hover; the server's text stays where this fails.
const full = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });
const date = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium' });
const words = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });
const SPANS = [['minute', 60], ['hour', 3600], ['day', 86400], ['month', 2592000], ['year', 31536000]];

export function relative(then, now) {
  const seconds = (then - now) / 1000;
  if (Math.abs(seconds) < 60) return 'just now';
  const [unit, size] = SPANS.findLast(([, size]) => Math.abs(seconds) >= size);
  return words.format(Math.trunc(seconds / size), unit);
}

// Monday to Friday in UTC, as the program counts them.
export function working(then, now) {
  const [from, to] = then < now ? [then, now] : [now, then];
  let days = 0;
  for (const day = new Date(from); ;) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (day > to || days > 400) break;
    if (day.getUTCDay() % 6) days += 1;
  }
  const text = `${days} working day${days === 1 ? '' : 's'}`;
  if (!days) return then < now ? 'overdue' : 'within a working day';
  return then < now ? `overdue by ${text}` : `in ${text}`;
}

function show(element) {
  const iso = element.dateTime;
  const exact = iso.includes('T');
  const then = new Date(exact ? iso : `${iso}T23:59:59Z`);
  if (Number.isNaN(then.valueOf())) return;
  if (element.dataset.relative) {
    if (!exact) element.title = element.title || element.textContent;
    const promise = element.dataset.relative === 'working';
    element.textContent = (promise ? working : relative)(then, new Date());
    element.classList.toggle('overdue', promise && then < new Date());
  } else if (exact && !('keep' in element.dataset)) {
    element.textContent = ('day' in element.dataset ? date : full).format(then);
  }
  if (exact) element.title = `${iso.replace('T', ' ').replace('Z', '')} UTC`;
}

export default function start(elements) {
  for (const element of elements) show(element);
  setInterval(() => document.querySelectorAll('[data-relative]').forEach(show), 60_000);
}
