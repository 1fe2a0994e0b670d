/** A request as far as a credential may depend on it: proofs of possession are made for one request each. */
export type RequestToProve = {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** Before it is packed; undefined where there is none. */
  readonly body: string | undefined
}

/** Who this device is, to the server. */
export interface CredentialProvider {
  /**
   * Names the credential among the tabs of a browser without revealing it: those of one name share a live stream
   * (LIV-11). Without a name each has its own.
   */
  readonly name?: string
  /** Headers that prove who calls, for one request. */
  headers(
    request: RequestToProve,
  ): Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
  /**
   * Does what the server asks for with a 401 (`details.action`: `authenticate`, `new_token`, `re_enrol` …).
   * @returns whether the next request brings another credential; false leaves it to a person
   */
  renew(action: string): Promise<boolean>
}
