import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';

/** How long a session that has been idle, and has nothing under way, may take to close, in milliseconds. */
const patienceMillis = 5000;

/** Closes sessions of HTTP/2 that were idle for long enough to be told to close (their timeout), whether or not their clients go along. */
export function endIdleSessions(server: Http2SecureServer): void {
  server.on('session', (session: ServerHttp2Session) => {
    let underWay = 0;
    session.on('stream', (stream) => {
      underWay++;
      stream.once('close', () => underWay--);
    });
    session.once('timeout', () => {
      // Requests have limits of their own.
      const timer = setInterval(() => {
        if (underWay === 0) session.destroy();
      }, patienceMillis);
      session.once('close', () => clearInterval(timer));
    });
  });
}
