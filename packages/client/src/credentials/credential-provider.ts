import { sha256 } from '../platform/sha256.ts'

/** The parts of a request that a credential may depend on: proofs of possession are created for one request each. */
export type RequestToProve = {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** Before compression; undefined where there is none. */
  readonly body: string | undefined
  /** Aborts when nobody waits for the request any more. */
  readonly signal?: AbortSignal | undefined
}

/** The parts of an answer from which a credential learns. */
export type AnswerToProof = {
  readonly headers: Headers
  /** The server's clock as a 401 states it, milliseconds since 1970; undefined for every other answer. */
  readonly serverTime: number | undefined
}

/** Identifies this device to the server. */
export interface CredentialProvider {
  /**
   * Names the credential among the tabs of a browser without revealing it: those of one name share a live stream
   * (LIV-11). Without a name each has its own.
   */
  readonly name?: string
  /**
   * Headers that authenticate one request; every attempt gets new ones.
   * @throws NetworkError where they cannot be obtained for now; FieldsyncError `AUTH_REQUIRED`, with reason and action,
   * where the device has no credential any more
   */
  headers(
    request: RequestToProve,
  ): Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
  /** Whether the browser's cookies for the server identify the caller, as those of a person do. */
  readonly sendsCookies?: boolean
  /** Called with every answer of the server, before anything is done about it. */
  answered?(answer: AnswerToProof): void
  /**
   * Does what the server requires with a 401 (`details.action`: `authenticate`, `new_token`, `re_enrol` …).
   * @returns whether the next request may be accepted; false leaves it to a person
   * @throws NetworkError where it cannot be done for now
   */
  renew(action: string): Promise<boolean>
  /**
   * Lets a person prove again who they are, where the server requires that of a change.
   * @returns whether they have; the call is then sent again
   */
  reauthenticate?(): Promise<boolean>
  /** What identifies this device to live weather, whose tokens are of their own (ACC-23); without it this credential does. */
  readonly liveWeather?: Pick<CredentialProvider, 'headers' | 'answered' | 'renew'>
  /** What becomes of the credential with a remote wipe; without it the headers acknowledge that, and nothing is removed. */
  readonly wipe?: CredentialWipe
  /**
   * Puts a new key in the place of the device's present one (ACC-20); absent for a credential without a key. Whenever it is
   * interrupted, the device can go on with one of them (ENG-76).
   *
   * @throws FieldsyncError where the server refuses; NetworkError without an answer
   */
  rotate?(): Promise<void>
}

/** How a device acknowledges its wipe, and what goes then (WIP-4). */
export interface CredentialWipe {
  /** Names the device to the server; undefined where the headers do. */
  readonly clientId?: string
  /** Headers that prove who acknowledges, of a credential that gives no access any more. */
  headers: CredentialProvider['headers']
  /** Removes the credential from the device; may be called again. */
  forget(): Promise<void>
}

const NAME_LENGTH = 8

/**
 * The credential of a device that was given a token (ACC-2). There is nothing to renew: a refused token needs a person.
 */
export const deviceToken = (token: string): CredentialProvider => ({
  // Too short for guessing tokens. Two tokens of one name would at most receive each other's pokes.
  name: sha256(`fieldsync.credential.v1\n${token}`).slice(0, NAME_LENGTH),
  headers: () => ({ 'x-device-token': token }),
  renew: () => Promise.resolve(false),
})
