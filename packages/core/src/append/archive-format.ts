import { TranquilityError } from '../errors/tranquility-error.js';
import type { InputFormat } from '../spec/input-format.js';
import type { JsonObject } from '../spec/json.js';

/**
 * The `inputFormat` of Druid that reads an archive as text is read here: an archive has events as they came.
 * @throws TRQ_CONFIG_INVALID for a format that no batch of Druid reads.
 */
export function archiveFormat(format: InputFormat): JsonObject {
  const { type } = format;
  switch (type) {
    case 'json': {
      const { flattenSpec, keepNullColumns } = format;
      return flattenSpec === undefined ? { type } : { type, flattenSpec: flattenSpec.json, keepNullColumns };
    }
    case 'csv':
    case 'tsv': {
      const { delimiter, listDelimiter, columns, hasHeader, skipHeaderRows } = format;
      return {
        type,
        ...(type === 'tsv' ? { delimiter } : {}),
        listDelimiter,
        ...(columns === undefined ? {} : { columns: [...columns] }),
        findColumnsFromHeader: hasHeader,
        skipHeaderRows,
      };
    }
    case 'regex': {
      const { pattern, listDelimiter, columns } = format;
      return { type, pattern: pattern.source, columns: [...columns], listDelimiter };
    }
    case 'jsonLowercase':
      throw new TranquilityError(
        'TRQ_CONFIG_INVALID',
        'The format of the config is jsonLowercase, which no batch of Druid reads. Write the archive with names in lower case, and take a config whose format is json.',
      );
  }
}
