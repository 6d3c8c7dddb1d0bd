/** The one file of kafkajs's inside that is used; the version is pinned for its sake. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  const requestQueue: { readonly prototype: object };
  export default requestQueue;
}
