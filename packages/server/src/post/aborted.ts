/** The client has left before its body had ended: nobody is there to be answered, and nothing of ours has broken. */
export class Aborted extends Error {
  override name = 'Aborted';
}
