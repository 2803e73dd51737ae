'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  let pictures = null;

  function pictureOf(name, isDepth) {
    if (pictures === null) pictures = JSON.parse(byId('pictures').textContent);
    const found = pictures[name];
    return found ? 'data:image/webp;base64,' + found[isDepth ? 1 : 0] : '';
  }

  function show(image) {
    if (image.src || !image.dataset.picture) return;
    const source = pictureOf(image.dataset.picture, 'depth' in image.dataset);
    if (source) image.src = source;
  }

  // Pictures are decoded when they come near the screen: first paint waits for none of them.
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      show(entry.target);
    }
  }, { rootMargin: '300px' });
  document.querySelectorAll('img.thumb').forEach((image) => near.observe(image));

  const cards = [...document.querySelectorAll('details.card')];
  for (const card of cards) {
    card.addEventListener('toggle', () => {
      if (card.open) card.querySelectorAll('.body img').forEach(show);
    });
    const boxes = card.querySelector('.boxes');
    if (boxes) {
      boxes.addEventListener('change', () => card.classList.toggle('bare', !boxes.checked));
    }
  }

  const filters = byId('filters');
  function filter() {
    const wanted = new FormData(filters);
    const words = String(wanted.get('text') || '').toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const fits = ['verdict', 'kind', 'bag'].every(
        (name) => !wanted.get(name) || card.dataset[name] === wanted.get(name));
      const shown = fits && words.every((word) => card.dataset.text.includes(word));
      card.hidden = !shown;
      count += shown ? 1 : 0;
    }
    byId('count').textContent = count + (count === 1 ? ' question' : ' questions');
    byId('nothing').hidden = count > 0;
  }
  filters.addEventListener('input', filter);
  filters.addEventListener('submit', (event) => event.preventDefault());

  const root = document.documentElement;
  byId('theme').addEventListener('click', () => {
    const isDark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
  });

  // On paper every question that the filter shows is open, with its pictures.
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = cards.filter((card) => !card.hidden && !card.open);
    closed.forEach((card) => { card.open = true; });
    cards.filter((card) => !card.hidden).forEach((card) =>
      card.querySelectorAll('img').forEach(show));
  });
  addEventListener('afterprint', () => {
    closed.forEach((card) => { card.open = false; });
    closed = [];
  });
  filter();
})();
