/** Why the server did not answer as it should. */
export class Unanswered extends Error {
  /** @param {number} status 0 when there was no answer at all. @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @param {string} path @returns {Promise<unknown>} @throws {Unanswered} */
async function ask(path) {
  let response, text;
  try {
    response = await fetch(path, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(15_000) });
    text = await response.text();
  } catch {
    throw new Unanswered(0, 'The server does not answer.');
  }
  if (!response.ok) throw new Unanswered(response.status, reasonIn(text));
  try {
    return JSON.parse(text);
  } catch {
    throw new Unanswered(
      response.status,
      'What answers is not the server, or something between has changed its answer.',
    );
  }
}

/** @param {string} text as our server gives it, or something before it. */
function reasonIn(text) {
  try {
    const { error } = JSON.parse(text);
    return typeof error === 'string' ? error : text.trim();
  } catch {
    return text.trim();
  }
}

/**
 * Asks again and again while the page can be seen, never twice at a time.
 * @param {string} path @param {number} every in milliseconds.
 * @param {(answer: any) => void} show @param {(error: Unanswered | undefined) => void} tell why there is no answer; undefined when there is one.
 */
export function poll(path, every, show, tell) {
  const once = async () => {
    try {
      if (document.hidden) return;
      show(await ask(path));
      tell(undefined);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      tell(error);
    } finally {
      setTimeout(once, every);
    }
  };
  void once();
}
