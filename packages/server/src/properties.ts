import {
  file,
  oneOf,
  period,
  periodFrom,
  property,
  secret,
  text,
  truth,
  wholeNumber,
  type ValuesOf,
} from '@tranquility-js/core/internal';

/**
 * Every property of the server: the one source of names, defaults, checks and descriptions. Names and defaults are Tranquility's where it has
 * them; docs/server.md names those that it does not have. All are for the whole file.
 */
export const serverProperties = {
  'http.host': property(text, {
    default: '127.0.0.1',
    description:
      'The address to listen on. Any but a loopback address needs clients that are known (http.auth.path), or http.allowAnonymous.',
  }),
  'http.port': property(wholeNumber(0), { default: '8200', description: 'The port for HTTP; 0: any that is free.' }),
  'http.port.enable': property(truth, { default: 'true', description: 'Whether to listen for HTTP.' }),
  'http.allowAnonymous': property(truth, {
    default: 'false',
    description:
      'Whether everybody who reaches an address other than loopback may post, when http.auth.path is not given.',
  }),
  'http.answerTimeout': property(period, {
    default: 'PT1M',
    description: 'How long a POST waits for Druid, each time that it waits, before it is answered 503.',
  }),
  'http.auth.path': property(file, {
    description:
      'A JSON file of the clients that may post, and to which dataSources. It is read again when it has changed.',
  }),
  'http.deadLetterPath': property(file, {
    description:
      'A file to which every event that was taken and is not sent is appended, with the reason, as a line of JSON.',
  }),
  'http.headersTimeout': property(period, {
    default: 'PT20S',
    description: 'How long a client may take for the headers of a request.',
  }),
  'http.idempotencyPeriod': property(period, {
    default: 'PT10M',
    description:
      'How long the answer to a POST with an Idempotency-Key is kept, for whoever repeats it; PT0S: not at all.',
  }),
  'http.idleTimeout': property(periodFrom(Number.NEGATIVE_INFINITY, 'an ISO-8601 period such as PT1M'), {
    default: 'PT5M',
    description:
      'How long a connection is kept open between two requests, and between two parts of a body. Zero or less: Node’s own 72 seconds.',
  }),
  'http.maxBodyBytes': property(wholeNumber(1), {
    default: '1073741824',
    description: 'The largest body of a POST, in bytes as it is sent.',
  }),
  'http.maxConnections': property(wholeNumber(1), {
    default: '10000',
    description: 'The most connections at a time; others are closed at once.',
  }),
  'http.maxEventBytes': property(wholeNumber(1), {
    default: '1048576',
    description: 'The largest event, in bytes.',
  }),
  'http.maxInflatedBytes': property(wholeNumber(1), {
    default: '1073741824',
    description: 'The largest body of a POST, in bytes when it is unpacked.',
  }),
  'http.maxStrictBytes': property(wholeNumber(1), {
    default: '16777216',
    description: 'The largest body of a POST with strict=true, in bytes when it is unpacked, as it is held as a whole.',
  }),
  'http.minBytesPerSecond': property(wholeNumber(1), {
    default: '1024',
    description: 'How fast a client must send a body, on average; the first 20 seconds of waiting for it are free.',
  }),
  'http.stopTimeout': property(period, {
    default: 'PT30S',
    description: 'How long a stop waits for the requests that are under way, and then for their events.',
  }),
  'http.threads': property(wholeNumber(1), {
    default: '40',
    description: 'Taken, so that files of Tranquility work, and without effect: connections need no threads here.',
  }),
  'https.port': property(wholeNumber(0), { default: '8400', description: 'The port for HTTPS; 0: any that is free.' }),
  'https.port.enable': property(truth, { default: 'false', description: 'Whether to listen for HTTPS.' }),
  'https.caPath': property(file, {
    description: 'A file of certificates in PEM: the authorities that vouch for clients.',
  }),
  'https.certPath': property(file, {
    description: 'A file with the server’s certificate, in PEM, and those of its authorities behind it.',
  }),
  'https.ciphers': property(text, {
    description: 'The ciphers of TLS 1.2 and 1.3, as OpenSSL names them, separated by colons. When unset: Node’s.',
  }),
  'https.clientAuth': property(oneOf('none', 'required'), {
    default: 'none',
    description: 'Whether clients must show a certificate that https.caPath or https.trustStorePath vouches for.',
  }),
  'https.certAlias': property(text, {
    description: 'Which certificate of the key store is shown.',
    only: { value: '', reason: 'A key store with one private key is read. Leave only that in it, and remove this.' },
  }),
  'https.excludeCipherSuites': property(text, {
    description: 'Ciphers, in the words of Java.',
    only: { value: '', reason: 'Name the ciphers that are wanted, as OpenSSL does, in https.ciphers. Remove this.' },
  }),
  'https.excludeProtocols': property(text, {
    description: 'Versions of TLS.',
    only: { value: '', reason: 'Set the oldest version that is wanted as https.protocol. Remove this.' },
  }),
  'https.http2': property(truth, { default: 'false', description: 'Whether HTTP/2 is spoken with clients that can.' }),
  'https.includeCipherSuites': property(text, {
    description: 'Ciphers, in the words of Java.',
    only: { value: '', reason: 'Name them as OpenSSL does, in https.ciphers. Remove this.' },
  }),
  'https.includeProtocols': property(text, {
    description: 'Versions of TLS.',
    only: { value: '', reason: 'Set the oldest version that is wanted as https.protocol. Remove this.' },
  }),
  'https.keyManagerFactoryAlgorithm': property(text, {
    description: 'How Java reads keys.',
    only: { value: '', reason: 'There is no Java here. Remove this.' },
  }),
  'https.keyManagerPassword': property(text, {
    description: 'The password of the key within the key store.',
    secret: true,
    only: {
      value: '',
      reason: 'It is that of the store, https.keyStorePassword. Make both the same with keytool, and remove this.',
    },
  }),
  'https.keyPath': property(file, { description: 'A file with the private key of https.certPath, in PEM.' }),
  'https.keyPassword': property(secret, { description: 'The password of https.keyPath, if it has one.', secret: true }),
  'https.keyStorePath': property(file, {
    description:
      'A PKCS12 key store with the server’s certificate and its key, in place of https.certPath and https.keyPath.',
  }),
  'https.keyStorePassword': property(secret, { description: 'The password of https.keyStorePath.', secret: true }),
  'https.keyStoreType': property(oneOf('PKCS12'), {
    default: 'PKCS12',
    description: 'The form of https.keyStorePath.',
    only: {
      value: 'PKCS12',
      reason:
        'Only PKCS12 is read. Convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12',
    },
  }),
  'https.protocol': property(oneOf('TLSv1.2', 'TLSv1.3'), {
    default: 'TLSv1.2',
    description: 'The oldest version of TLS that is spoken.',
  }),
  'https.trustStorePath': property(file, {
    description: 'A PKCS12 trust store, in place of https.caPath.',
  }),
  'https.trustStorePassword': property(secret, { description: 'The password of https.trustStorePath.', secret: true }),
};

export type ServerProperties = ValuesOf<typeof serverProperties>;

/** Whether a name of the config is one of the server's. */
export const isServerProperty = (name: string): boolean => /^https?\./.test(name);
