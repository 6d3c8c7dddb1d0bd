import {
  property,
  truth,
  wholeNumber,
  type Property,
  type PropertyKind,
  type WithDefault,
} from '@tranquility-js/core/internal';
import { wholeName } from './routes.js';

/** What a connector calls what it reads: its properties are named so. */
export type Noun = 'topic' | 'stream';

const pattern: PropertyKind<RegExp> = {
  expected: 'a regular expression that JavaScript can read, such as flights|flights-.*',
  read: wholeName,
};

type Always<T> = Property<T> & WithDefault;

type RouteProperties<N extends Noun> = Readonly<
  Record<`${N}Pattern`, Always<RegExp>> &
    Record<`${N}Pattern.priority`, Always<number>> &
    Record<`use${Capitalize<N>}AsDataSource`, Always<boolean>>
>;

const nameOf = <const N extends Noun>(noun: N) =>
  `use${noun.charAt(0).toUpperCase()}${noun.slice(1)}AsDataSource` as `use${Capitalize<N>}AsDataSource`;

/** What says which topics or streams go to a dataSource. Names and defaults are Tranquility's where it has them. */
export const routeProperties = <const N extends Noun>(noun: N): RouteProperties<N> =>
  ({
    [`${noun}Pattern`]: property(pattern, {
      default: '(?!)',
      description: `Which ${noun}s go to the dataSource: a regular expression for the whole name. When unset: none.`,
    }),
    [`${noun}Pattern.priority`]: property(wholeNumber(-2147483648), {
      default: '1',
      description: `Of several dataSources whose patterns match a ${noun}, the one with the highest number gets it.`,
    }),
    [nameOf(noun)]: property(truth, {
      default: 'false',
      description: `Whether the dataSource is named like the ${noun}.`,
    }),
  }) as RouteProperties<N>;

/** What they say of one dataSource. */
export interface RouteValues {
  /** `undefined` where it cannot be read, which was told. */
  readonly pattern: RegExp | undefined;
  readonly priority: number;
  readonly usesStreamName: boolean;
}

/** @param values of a table that has `routeProperties` in it. */
export const routeValues = (noun: Noun, values: Readonly<Record<string, unknown>>): RouteValues => ({
  pattern: values[`${noun}Pattern`] as RegExp | undefined,
  priority: values[`${noun}Pattern.priority`] as number,
  usesStreamName: values[nameOf(noun)] as boolean,
});
