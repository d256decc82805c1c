// WebAuthn by form: fetch the options, ask the authenticator, submit its answer as `credential`.
const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const WORDS = {
  NotAllowedError: 'No passkey was used: it was canceled, or time ran out. Press the button to try again.',
  InvalidStateError: 'This device already has a passkey for this account. Use it, or choose another device.',
  SecurityError: 'Passkeys do not work at this address. Open the portal at its usual address.',
  NotSupportedError: 'This device cannot make the kind of passkey we need. Try a phone or a security key.',
  AbortError: 'The browser stopped. Press the button to try again.',
};

function decode(options) {
  const credential = (item) => ({ ...item, id: bytes(item.id) });
  const decoded = { ...options, challenge: bytes(options.challenge) };
  if (options.user) decoded.user = { ...options.user, id: bytes(options.user.id) };
  for (const list of ['excludeCredentials', 'allowCredentials']) {
    if (options[list]) decoded[list] = options[list].map(credential);
  }
  return decoded;
}

function encode(credential) {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  const { id, type, authenticatorAttachment } = credential;
  return { id, rawId: text(credential.rawId), type, authenticatorAttachment, response,
    clientExtensionResults: credential.getClientExtensionResults() };
}

async function options(form) {
  const answer = await fetch(form.dataset.optionsHref, {
    method: 'POST',
    body: new FormData(form),
    headers: { 'X-CSRFToken': form.elements.csrf_token.value, Accept: 'application/json' },
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([body.detail, body.remedy].filter(Boolean).join(' '));
  if (body.nonce) form.elements.nonce.value = body.nonce;
  return body.publicKey ?? body;
}

async function answer(call, json) {
  const parse = call === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
  const publicKey = PublicKeyCredential[parse]?.(json) ?? decode(json);
  const credential = await navigator.credentials[call]({ publicKey });
  return JSON.stringify(credential.toJSON ? credential.toJSON() : encode(credential));
}

async function ask(form, said) {
  const { introduction, ...json } = await options(form);
  // One that is there lets the new one in. Its answer is kept for a second press: a browser may
  // want a press for each question.
  if (introduction && !form.elements.introduction.value) {
    said.textContent = 'First use a passkey that is on your account. Then the new one is made.';
    form.elements.introduction.value = await answer('get', introduction);
  }
  return answer(form.dataset.passkey === 'register' ? 'create' : 'get', json);
}

export default function start(forms) {
  for (const form of forms) {
    const said = form.querySelector('[data-passkey-said]');
    const button = form.querySelector('button');
    if (!globalThis.PublicKeyCredential) {
      said.textContent = 'This browser has no passkeys. Update it, or use another one.';
      button.hidden = true;
      continue;
    }
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (button.ariaDisabled) return;
      said.textContent = '';
      button.ariaDisabled = 'true';
      try {
        form.elements.credential.value = await ask(form, said);
        form.submit();
      } catch (error) {
        said.textContent = WORDS[error.name] || (error.name === 'Error' && error.message)
          || 'The portal did not answer. Check the connection, then press the button again.';
        button.ariaDisabled = null;
      }
    });
  }
}
