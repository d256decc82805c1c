// An ECDSA P-256 key pair, made in the browser: the public half goes into the form, the private
// half into a file of the reader's. It never leaves the browser by us.
async function make() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return { open: { kty, crv, x, y, alg: 'ES256', use: 'sig' }, secret: { kty, crv, x, y, d, alg: 'ES256', use: 'sig' } };
}

export default function start(sections) {
  for (const section of sections) {
    const part = (name) => section.querySelector(`[data-keygen-${name}]`);
    const said = part('said');
    const target = document.getElementById(section.dataset.target);
    if (!globalThis.crypto?.subtle || !target) {
      said.textContent = 'This browser makes no keys at this address. Make one on your machine.';
      continue;
    }
    let secret = '', saved = true;
    part('act').hidden = false;
    part('make').addEventListener('click', async () => {
      try {
        const pair = await make();
        secret = JSON.stringify(pair.secret, null, 2);
        saved = false;
        target.value = JSON.stringify(pair.open, null, 2);
        URL.revokeObjectURL(part('save').href);
        part('save').href = URL.createObjectURL(new Blob([secret], { type: 'application/json' }));
        part('save').hidden = part('copy').hidden = false;
        said.textContent = 'Made. Keep the private key now, then register the public half below.';
      } catch {
        said.textContent = 'The browser made no key. Try again, or make one on your machine.';
      }
    });
    part('save').addEventListener('click', () => { saved = true; });
    part('copy').addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(secret);
        saved = true;
        said.textContent = 'Copied. Paste it where only your workload can read it.';
      } catch {
        said.textContent = 'The browser refused to copy. Download the file.';
      }
    });
    target.form?.addEventListener('submit', (event) => {
      if (saved) return;
      event.preventDefault();
      said.textContent = 'Download or copy the private key first: we cannot show it again.';
      part('save').focus();
    });
  }
}
