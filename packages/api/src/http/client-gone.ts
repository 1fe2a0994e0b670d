/** The client disconnected before its body was complete: no answer can be sent. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}
