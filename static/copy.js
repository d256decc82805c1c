// Copy buttons: shown only where they work.
export async function copy(text, button, said) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    said.textContent = 'Copied to the clipboard.';
  } catch {
    said.textContent = 'The browser refused. Select the text and copy it by keyboard.';
    said.classList.remove('vh');
  }
}

export default function start(boxes) {
  if (!navigator.clipboard) return;
  for (const box of boxes) {
    const button = box.querySelector('[data-copy-button]');
    const face = button.querySelector('span');
    button.hidden = false;
    button.addEventListener('click', async () => {
      await copy(box.querySelector('code').textContent, face, box.querySelector('[data-copy-said]'));
      setTimeout(() => { face.textContent = 'Copy'; }, 2500);
    });
  }
}
