import { TranquilityError } from '@tranquility-js/core';
import { expect, it } from 'vitest';
import { describe, sentenceOf } from '../src/aws/error-kind.js';

const errorOf = (message: string, cause?: Error): Error =>
  Object.assign(new Error(message, { cause }), { name: 'InvalidSignatureException' });

it('what AWS repeats of our request is told without its secrets', () => {
  const request = "'POST\n/\n\nhost:x\nx-amz-security-token:IQoJ+secret/==\nx-amz-target:Kinesis.GetRecords'";
  const told = "'POST\n/\n\nhost:x\nx-amz-security-token:***\nx-amz-target:Kinesis.GetRecords'";
  expect(describe(errorOf(request))).toBe(`InvalidSignatureException: ${told}`);
  expect(describe(errorOf('No.', new Error(request)))).toBe(`InvalidSignatureException: No. (${told})`);
  expect(describe(errorOf('Authorization: AWS4 Credential=AKIA/x, X-Amz-Security-Token=secret&a=b'))).toBe(
    'InvalidSignatureException: Authorization: AWS4 Credential=***, X-Amz-Security-Token=***&a=b',
  );
});

it('an error is a sentence, with the name that AWS gives it', () => {
  expect(sentenceOf(errorOf('No'))).toBe('InvalidSignatureException: No.');
  expect(sentenceOf(new TranquilityError('TRQ_LEASES_UNREACHABLE', 'It is away.'))).toBe('It is away.');
});
