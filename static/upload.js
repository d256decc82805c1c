// Upload with progress. Files that are too large are refused before a byte is sent.
const size = (n) => (n < 1e6 ? `${Math.ceil(n / 1e3)} kB` : `${(n / 1e6).toFixed(1)} MB`);

function tooLarge(form) {
  const most = Number(form.dataset.maxBytes || Infinity);
  const files = [...form.querySelectorAll('input[type=file]')].flatMap((input) => [...input.files]);
  const file = files.find((one) => one.size > most);
  return file && `${file.name} is ${size(file.size)}; the most is ${size(most)}. Choose a smaller file.`;
}

export default function start(forms) {
  for (const form of forms) {
    const box = form.querySelector('[data-upload-said]');
    const [bar, said] = box.children;
    const say = (words) => {
      box.hidden = !words;
      said.textContent = words || '';
    };
    form.addEventListener('change', () => {
      bar.hidden = true;
      say(tooLarge(form));
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const refused = tooLarge(form);
      bar.hidden = Boolean(refused);
      if (refused) return say(refused);
      say('Uploading. Keep this page open.');
      const request = new XMLHttpRequest();
      const fail = () => say('The upload broke off; nothing was stored. Press the button to send it again.');
      request.upload.onprogress = (e) => {
        bar.value = e.loaded / e.total;
        if (e.loaded === e.total) said.textContent = 'Sent; the portal is looking at it.';
      };
      request.onerror = fail;
      request.onload = () => {
        const json = request.getResponseHeader('Content-Type')?.includes('json');
        if (request.status < 400) location.assign(json ? JSON.parse(request.responseText).next : request.responseURL);
        else if (json) say(JSON.parse(request.responseText).detail);
        else form.submit();
      };
      const data = new FormData(form, event.submitter);
      request.open('POST', form.action);
      request.setRequestHeader('Accept', 'application/json, text/html;q=0.9');
      request.setRequestHeader('X-Upload', '1'); // a redirect would be followed unseen, and use its message up
      request.send(data);
    });
  }
}
