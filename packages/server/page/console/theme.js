const key = 'tranquility-theme';

/** Lets people choose between light and dark; until they do, the system decides. @param {NodeListOf<HTMLInputElement>} choices */
export function chooseTheme(choices) {
  const apply = (/** @type {string} */ theme) => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  };
  const chosen = remembered() ?? 'auto';
  apply(chosen);
  for (const choice of choices) {
    choice.checked = choice.value === chosen;
    choice.addEventListener('change', () => {
      apply(choice.value);
      remember(choice.value);
    });
  }
}

function remembered() {
  try {
    return localStorage.getItem(key);
  } catch {
    // Where storage is forbidden, a choice holds for this page.
    return null;
  }
}

/** @param {string} theme */
function remember(theme) {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // As above.
  }
}
