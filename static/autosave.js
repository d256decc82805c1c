// Saves a form some time after typing stops. Says so; tries again; never loses text quietly.
const WAIT = 1500;

function watch(form) {
  const said = form.querySelector('[data-autosave-said]');
  let timer, tries = 0, dirty = false, saving = false;

  async function save() {
    if (saving) return plan(WAIT);
    saving = true;
    dirty = false;
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new FormData(form), redirect: 'error',
        headers: { 'X-Autosave': '1', Accept: 'application/json' },
      });
      if (!answer.ok) {
        const body = await answer.json().catch(() => ({}));
        throw Object.assign(new Error(body.detail || 'The portal refused it.'), { final: answer.status < 500 });
      }
      tries = 0;
      const at = new Date().toLocaleTimeString('en-US', { timeStyle: 'short' });
      if (!dirty) said.textContent = `Saved at ${at}.`;
    } catch (error) {
      dirty = true;
      const why = error.final ? `${error.message} Press the button to save by hand.`
        : 'The portal cannot be reached; trying again. Keep this page open.';
      said.textContent = `Not saved. ${why}`;
      if (!error.final) plan(Math.min(60_000, WAIT * 2 ** ++tries));
    } finally {
      saving = false;
    }
  }
  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }
  form.addEventListener('input', () => {
    dirty = true;
    said.textContent = '';
    plan(WAIT);
  });
  form.addEventListener('submit', () => {
    clearTimeout(timer);
    dirty = false;
  });
  addEventListener('beforeunload', (event) => { if (dirty || saving) event.preventDefault(); });
}

export default function start(forms) {
  forms.forEach(watch);
}
