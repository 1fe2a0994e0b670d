/** The device's credential, seen from the engine: it only learns that the server refused it. */
export interface Credentials {
  /**
   * Does what a refusal asks for (`details.action` of AUTH_REQUIRED, as `authenticate`, `new_token`, `re_enrol`).
   * True when the next call will bring another credential.
   */
  renew(action: string): Promise<boolean>
}
