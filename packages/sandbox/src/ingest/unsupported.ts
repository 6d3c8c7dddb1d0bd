/** What Druid does and the sandbox does not: answered 501. The message goes on from "The sandbox". */
export class Unsupported extends Error {
  override name = 'Unsupported';
}
