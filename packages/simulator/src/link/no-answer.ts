/** What a server throws that dies over a call, or is not there: the device hears nothing. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'

  constructor() {
    super('no answer')
  }
}
