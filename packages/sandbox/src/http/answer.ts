import type { JsonObject } from '../json.js';

/** What a server says to a request. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function text(body: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}

/** `{"error": …}`, Druid's plain form of an error. */
export function failure(status: number, error: string): Answer {
  return json({ error }, status);
}

/** The form of errors that Druid has had since 27. */
export function druidException(status: number, more: JsonObject): Answer {
  return json({ error: 'druidException', errorCode: 'invalidInput', persona: 'USER', ...more }, status);
}

/** What the sandbox does not do, in a word. */
export function absent(what: string): Answer {
  return failure(501, `The sandbox ${what}`);
}

/** Jetty's page for an exception that nobody caught. */
export function crash(path: string, exception: string): Answer {
  const shown = escape(exception);
  const body = `<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
<title>Error 500 ${shown}</title>
</head>
<body><h2>HTTP ERROR 500 ${shown}</h2>
<table>
<tr><th>URI:</th><td>${escape(path)}</td></tr>
<tr><th>STATUS:</th><td>500</td></tr>
<tr><th>MESSAGE:</th><td>${shown}</td></tr>
</table>
</body>
</html>
`;
  return { status: 500, headers: { 'content-type': 'text/html;charset=iso-8859-1' }, body };
}

function escape(html: string): string {
  return html.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
