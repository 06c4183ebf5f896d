// What the pages can do beyond being read. They are whole without it.
'use strict';

// A button beside every block of code.
const said = document.createElement('p');
said.className = 'unseen';
said.setAttribute('role', 'status');
document.body.append(said);

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without https browsers have no clipboard but the old one.
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('no clipboard');
}

for (const block of document.querySelectorAll('.code')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    let word = 'Copied';
    try {
      await copy(block.querySelector('code').textContent);
    } catch {
      word = 'Select it by hand';
    }
    button.focus();
    button.textContent = word;
    said.textContent = word;
    setTimeout(() => { button.textContent = 'Copy'; said.textContent = ''; }, 2000);
  });
  block.append(button);
}

// Addresses of the reference as it was before: /docs/#/Orders/create_order
if (location.hash.startsWith('#/')) {
  const wanted = location.hash.split('/').pop();
  const link = [...document.querySelectorAll('main a[href]')].find((one) => one.hash === '#' + wanted);
  if (link) location.replace(link.href);
}

// "/" goes to the search, as on most pages of this kind.
document.addEventListener('keydown', (event) => {
  const busy = event.target.closest('input, textarea, select');
  if (event.key !== '/' || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector('#wanted') || document.querySelector('header input[type=search]');
  event.preventDefault();
  field.focus();
});
