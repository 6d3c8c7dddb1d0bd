/** How a client of AWS's speaks to an emulator. */
export const emulatorAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAOFNOWORTH', secretAccessKey: 'of-no-worth' },
};

/** The same for a process. */
export const emulatorEnvironment = {
  AWS_REGION: emulatorAccess.region,
  AWS_ACCESS_KEY_ID: emulatorAccess.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: emulatorAccess.credentials.secretAccessKey,
};
