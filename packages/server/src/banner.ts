/** What `GET /` answers where there is no page. */
export const banner = String.raw`
   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     t r a n q u i l i t y      ~ js ~
   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

   POST /v1/post/DATASOURCE    events, to a dataSource
   POST /v1/post               events that name their dataSource
   GET  /v1/openapi.json       all of it
   GET  /v1/status /health /ready /metrics

`.slice(1);
