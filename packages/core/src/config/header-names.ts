/** The headers that we make ourselves, or HTTP does: nobody else may set them. */
export const ownHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'x-druid-task-id',
]);

/** Whether a user may set a header of this name, in lower case. */
export const isHeaderName = (name: string): boolean => /^[!#$%&'*+.^_`|~\da-z-]+$/.test(name) && !ownHeaders.has(name);

/** Whether a text can be sent as a header: no line breaks, no characters beyond Latin-1. */
export const isHeaderText = (text: string): boolean => /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text);
