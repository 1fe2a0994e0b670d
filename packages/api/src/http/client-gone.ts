/** The client went away before its body was complete: there is nobody left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}
